import { beforeAll, describe, expect, test } from 'vitest'

import { admin, backend, inTransaction, s, until } from './support/deployment.ts'

const one = backend()

beforeAll(async () => {
  await one.migrate()
  one.notifier.listen({ onPayload() {}, onListening() {}, onError() {} })
})

async function publish(call: string): Promise<Awaited<ReturnType<typeof one.store.archive.get>>> {
  const { rows } = await admin.query<{ id: string }>(`select ${s}.publish(${call}) as id`)
  const id = rows[0]?.id ?? ''
  await until('the event', async () => (await one.store.archive.get(id)) !== null)
  return one.store.archive.get(id)
}

describe('publish() in SQL', () => {
  test('publishes in every scope, with the detail as it was written', async () => {
    expect(await publish(`'task', '{"b":1e2, "a":"\\u0000"}', user_id => '42'`)).toMatchObject({
      type: 'task',
      scope: 'user',
      userId: '42',
      body: String.raw`{"b":1e2, "a":"\u0000"}`,
      raw: false,
    })
    expect(await publish(`'message', channel => 'room', skip_user_ids => '{1,2}', private_data => '{"x":1}'`)).toMatchObject({
      scope: 'channel',
      channel: 'room',
      body: '{}',
      skipUserIds: ['1', '2'],
      privateData: '{"x":1}',
    })
    expect(await publish(`'all', scope => 'global'`)).toMatchObject({ scope: 'global' })
    expect(await publish(`'in', scope => 'system', user_id => '1'`)).toMatchObject({ scope: 'system', userId: '1' })
  })

  test('finds the entity id in the detail as the server library does', async () => {
    expect(await publish(`'t', '{":id": 4.20e1}', scope => 'global'`)).toMatchObject({ entityId: '42' })
    expect(await publish(`'t', '{":id": "a b"}', scope => 'global'`)).toMatchObject({ entityId: 'a b' })
    for (const none of ['{":id": null}', '{":id": ""}', '{":id": [1]}', '[1]', '3', 'null']) {
      expect(await publish(`'t', '${none}', scope => 'global'`)).toMatchObject({ entityId: null })
    }
  })

  test('publishes nothing when its transaction rolls back, and works in a trigger', async () => {
    await admin.query(`
      create table ${s}.things (id int);
      create function ${s}.tell() returns trigger language plpgsql as $$ begin perform ${s}.publish('thing', json_build_object(':id', new.id), scope => 'global'); return new; end $$;
      create trigger tell after insert on ${s}.things for each row execute function ${s}.tell();`)
    await inTransaction(async (client) => {
      await client.query(`insert into ${s}.things values (1)`)
      throw new Error('roll back')
    }).catch(() => {})
    await admin.query(`insert into ${s}.things values (2)`)
    const things = async () => (await one.store.archive.find({ type: 'thing', limit: 10 })).events.map(({ entityId }) => entityId)
    await until('the thing', async () => (await things()).length > 0)
    expect(await things()).toEqual(['2'])
  })

  test.each([
    [`'t'`, 'An event needs a user_id, a channel, or scope'],
    [
      `'t', user_id => ''`,
      'userId must be 1 to 255 bytes of text without control characters, got an empty string. Pass a non-empty string as user_id.',
    ],
    [`'t', scope => 'user'`, 'userId must be 1 to 255 bytes of text without control characters, got null'],
    [`'t', scope => 'everyone'`, 'scope must be user, channel, global or system, got everyone'],
    [`'', scope => 'global'`, 'Event type must be 1 to 255 bytes'],
    [`null, scope => 'global'`, 'Event type must be 1 to 255 bytes'],
    [`repeat('é', 128), scope => 'global'`, 'got 256 bytes'],
    [`E'a\\nb', scope => 'global'`, 'got "a\\nb"'],
    [`U&'a\\0085', scope => 'global'`, 'without control characters'],
    [`'reset', scope => 'global'`, 'Event type "reset" is reserved'],
    [`'trunkline.x', scope => 'global'`, 'is reserved'],
    [`'t', channel => 'c', user_id => '1'`, 'An event of scope "channel" has no user_id'],
    [`'t', channel => 'c', scope => 'global'`, 'An event of scope "global" has no channel'],
    [`'t', null, scope => 'global'`, 'detail must be JSON, got null'],
    [`'t', to_json(repeat('x', 300000)), scope => 'global'`, 'An event may have 262144 bytes'],
    [`'t', json_build_object(':id', repeat('x', 300)), scope => 'global'`, 'Entity id'],
  ])('refuses %s', async (call, message) => {
    await expect(admin.query(`select ${s}.publish(${call})`)).rejects.toThrow(message)
  })
})
