import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { createDeployment, type Deployment } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { startProcess } from '../support/processes.ts'
import { type Block, blocksOf } from './blocks.ts'
import { createProject, type Project } from './project.ts'

const drivers = ['kysely', 'postgres-js', 'pg', 'drizzle']

let blocks: readonly Block[]
let files: Project
let deployment: Deployment

beforeAll(async () => {
  blocks = await blocksOf('docs/transactions.md')
  ;[files, deployment] = await Promise.all([
    createProject(),
    // The recipes name no schema: a database of their own keeps them away from everybody else's.
    createDeployment(inject('databaseUrl'), { database: true }),
  ])
  for (const block of blocks) await files.write(block)
  // Task 13 fails at its commit, after everything was said that there was to say.
  await deployment.run(`
    create table task (id int primary key, done boolean);
    insert into task select id, false from generate_series(1, 20) id;
    create function fail() returns trigger language plpgsql as $$ begin raise 'no luck'; end $$;
    create constraint trigger unlucky after update on task deferrable initially deferred
      for each row when (new.id = 13) execute function fail();`)
})

afterAll(async () => {
  await deployment?.[Symbol.asyncDispose]()
  await files?.[Symbol.asyncDispose]()
})

describe('docs/transactions.md', () => {
  test('has these recipes, and they compile', async () => {
    expect(blocks.map(({ name }) => name)).toEqual(['trunkline.ts', ...drivers.map((driver) => `${driver}.ts`)])
    expect(await files.compile('', {}, ['*.ts'])).toEqual([])
  })

  test.each(drivers)('%s: the event arrives with the commit, and not without', async (driver) => {
    const path = await files.write({
      name: `run-${driver}.ts`,
      code: `
        import { finish } from './${driver}.ts'
        import { trunkline } from './trunkline.ts'
        await trunkline.start()
        await finish(13, '${driver}').then(() => { throw new Error('It was committed.') }, (error) => console.log('failed: ' + (error.cause ?? error).message))
        await finish(7, '${driver}')
        console.log('done')
        process.exit()`,
    })
    await using process = await startProcess(pathToFileURL(path), { env: { DATABASE_URL: deployment.url }, ready: /^done$/m })
    expect(process.output).toBe('failed: no luck\ndone\n')
    const reader = deployment.open({ url: deployment.url, schema: 'trunkline' })
    await reader.start()
    const found = await eventually('the event', async () => {
      const { events } = await reader.find({ userId: driver })
      return events.length > 0 && events
    })
    expect(found.map(({ detail }) => detail)).toEqual([{ id: 7 }])
  })
})
