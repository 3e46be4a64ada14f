import { memory } from '@trunkline/core'
import { describe, expect, test } from 'vitest'
import * as v from 'valibot'

import { createSite, type Fields, type Site, tokenIn } from './support.ts'

const hello: Fields = { type: 'greeting', scope: 'global', detail: '{"text":"Hello"}' }

async function countOf({ trunkline }: Site, type: string): Promise<number> {
  // Each place in the log, and not each event: a replayed one has two.
  return (await trunkline.find({ type, limit: 1_000 })).events.length
}

describe('publish', () => {
  test('publishes to whom it is for, says so, and leaves a note of who did it', async () => {
    const site = createSite({ authorize: () => ({ actor: 'ada', privateData: true }) })
    for (const to of [
      { scope: 'user', user: ' 7 ' },
      { scope: 'channel', channel: 'room' },
      { scope: 'global', user: 'hidden field of another scope' },
      { scope: 'system' },
      { scope: 'system', user: '7' },
    ]) {
      const response = await site.post('?page=publish', { ...hello, private: '{"a":1}', ...to })
      expect(response.status).toBe(303)
      expect(await site.page(response.headers.get('location') ?? '')).toContain('Published.')
    }
    const { events } = await site.trunkline.find({ type: 'greeting' })
    expect(events.map(({ scope, userId, channel }) => ({ scope, userId, channel }))).toEqual([
      { scope: 'system', userId: '7', channel: undefined },
      { scope: 'system', userId: undefined, channel: undefined },
      { scope: 'global', userId: undefined, channel: undefined },
      { scope: 'channel', userId: undefined, channel: 'room' },
      { scope: 'user', userId: '7', channel: undefined },
    ])
    expect(events[0]).toMatchObject({ detail: { text: 'Hello' }, privateData: { a: 1 } })
    expect(await site.audits()).toEqual(
      events.map(({ id, scope }) => ({ actor: 'ada', action: 'publish', id, type: 'greeting', scope })),
    )
  })

  test('offers the types of the catalogue, and says beside the field what is wrong', async () => {
    const events = { greeting: v.object({ text: v.string('must be text') }), farewell: v.object({}) }
    const site = createSite({ options: { events } })
    const form = await site.page('?page=publish')
    expect(form).toMatch(/<option value="greeting"[\s\S]*<option value="farewell"/)
    for (const { fields, field, says } of [
      { fields: { detail: '{"text":7}' }, field: 'detail', says: 'text: must be text' },
      { fields: { detail: '{"text":' }, field: 'detail', says: 'This is not JSON: ' },
      { fields: { type: 'nothing' }, field: 'type', says: 'is not in the catalogue (greeting, farewell)' },
      { fields: { type: 'trunkline.audit' }, field: 'type', says: 'is reserved' },
      { fields: { scope: 'user', user: '' }, field: 'user', says: 'userId must be the id of a user' },
      { fields: { scope: 'channel', channel: 'a\u0007b' }, field: 'channel', says: 'without control characters' },
      { fields: { detail: JSON.stringify({ text: 'x'.repeat(262_144) }) }, field: 'detail', says: 'may have 262144 bytes' },
    ]) {
      const response = await site.post('?page=publish', { ...hello, ...fields })
      expect(response.status).toBe(400)
      const page = await response.text()
      const [, problem = ''] = new RegExp(`id="field-${field}-problem">([^<]*)<`).exec(page) ?? []
      expect(problem.replaceAll('&quot;', '"')).toContain(says)
    }
    expect((await site.trunkline.find()).events).toEqual([])
  })

  test('takes private data only of those who may see it', async () => {
    const site = createSite()
    await site.post('?page=publish', { ...hello, private: '{"a":1}' })
    const { events } = await site.trunkline.find({ type: 'greeting' })
    expect(events[0]).not.toHaveProperty('privateData')
  })
})

describe('replay', () => {
  test('of one asks first, then sends it again and says so', async () => {
    const site = createSite()
    const { id } = await site.trunkline.publishGlobal({ type: 'greeting', detail: { text: 'Hello' } })
    expect(await site.page(`?page=replay&id=${id}`)).toContain('Replay 1 event?')
    expect(await countOf(site, 'greeting')).toBe(1)
    const page = await (await site.post(`?page=replay&id=${id}`, { id })).text()
    expect(page).toContain('1 event replayed')
    const { events } = await site.trunkline.find({ type: 'greeting' })
    expect(events.map((event) => event.id)).toEqual([id, id])
    expect(await site.audits()).toEqual([{ actor: 'ada@example.org', action: 'replay', ids: [id] }])
  })

  test('of those that are ticked, passing over what is gone or is not theirs', async () => {
    const site = createSite()
    const receipts = await site.trunkline.publishMany([1, 2, 3].map((n) => ({ scope: 'global', type: 'n', detail: n })))
    const [first, , third] = receipts.map(({ id }) => id)
    await site.trunkline.disconnect({ userId: 'nobody' })
    const own = (await site.trunkline.find({ type: 'trunkline.control' })).events[0]?.id ?? ''
    const confirmation = await site.page(`?page=replay&id=${first}&id=${third}&id=gone&id=${own}`)
    expect(confirmation).toContain('Replay 2 events?')
    expect(confirmation).toContain('2 events cannot be replayed')
    // A form may still name them.
    const page = await (await site.post(`?page=replay&id=${first}`, { id: [first ?? '', third ?? '', own, 'gone'] })).text()
    expect(page).toContain('2 events replayed')
    expect(page).toContain('Trunkline&#39;s own')
    expect(await countOf(site, 'n')).toBe(5)
    expect(await countOf(site, 'trunkline.control')).toBe(1)
  })

  test('of a filter says how many, shows its progress, and reports the count', async () => {
    const site = createSite()
    const batch = Array.from({ length: 1_200 }, (_, n) => ({ scope: 'global', type: 'many', detail: n }) as const)
    await site.trunkline.publishMany([...batch, { scope: 'global', type: 'other' }])
    const path = '?page=replay&all=yes&type=many'
    const confirmation = await site.page(path)
    expect(confirmation).toContain('Replay 1,200 events?')
    const [, before = ''] = /name="before" value="([^"]*)"/.exec(confirmation) ?? []
    // Published after the question: not part of it.
    await site.trunkline.publishGlobal({ type: 'many', detail: 'late' })
    const page = await (await site.post(path, { all: 'yes', type: 'many', before })).text()
    expect(page).toContain('1,200 events replayed')
    expect(page).toMatch(/<progress [^>]*max="1200" value="\d+"/)
    const replayed = await site.trunkline.find({ type: 'many', limit: 1_000 })
    expect(replayed.events.slice(0, 3).map(({ detail }) => detail)).toEqual([1_199, 1_198, 1_197])
    const filter = { type: 'many', before }
    expect(await site.audits()).toEqual([
      { actor: 'ada@example.org', action: 'replayed', filter, count: 1_200 },
      { actor: 'ada@example.org', action: 'replay', filter },
    ])
  })

  test('of a filter ends when the browser goes away, which is noted', async () => {
    const site = createSite()
    const batch = Array.from({ length: 5_000 }, () => ({ scope: 'global', type: 'many' }) as const)
    await site.trunkline.publishMany(batch)
    const response = await site.post('?page=replay&all=yes&type=many', {
      all: 'yes',
      type: 'many',
      before: new Date(Date.now() + 1_000).toISOString(),
    })
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    for (let text = ''; !text.includes('<progress');) text += decoder.decode((await reader?.read())?.value)
    await reader?.cancel()
    await expect.poll(async () => (await site.audits())[0]).toMatchObject({ action: 'replayed', problem: 'The page was left.' })
    const [note] = (await site.audits()) as { readonly count: number }[]
    expect(note?.count).toBeLessThan(5_000)
  })

  test('of a text, or of nothing in particular, is refused', async () => {
    const site = createSite()
    expect((await site.get('?page=replay&all=yes&text=x')).status).toBe(400)
    expect((await site.get('?page=replay&all=yes&after=x')).status).toBe(400)
    expect((await site.get('?page=replay')).status).toBe(400)
    const token = tokenIn(await site.page('?page=publish'))
    for (const fields of [
      { all: 'yes' },
      { all: 'yes', text: 'x', type: 'y' },
      { id: Array.from({ length: 201 }, (_, n) => `${n}`) },
    ]) {
      expect((await site.post('?page=replay', { token, ...fields })).status).toBe(400)
    }
  })
})

describe('who may only look', () => {
  test('sees no button that changes something, and changes nothing', async () => {
    const allowed = createSite()
    const token = tokenIn(await allowed.page('?page=publish'))
    const site = createSite({ authorize: () => ({ actor: 'ada', readOnly: true }) })
    const { id } = await site.trunkline.publishGlobal({ type: 'greeting' })
    for (const path of ['', `?page=event&id=${id}`, '?page=live']) {
      const page = await site.page(path)
      expect(page).not.toMatch(/Replay|Publish|type="checkbox"|method="post"/)
      expect(page).toContain('read-only')
    }
    for (const path of ['?page=publish', `?page=replay&id=${id}`]) {
      expect((await site.get(path)).status).toBe(403)
      expect((await site.post(path, { ...hello, id, token })).status).toBe(403)
    }
    expect(await countOf(site, 'greeting')).toBe(1)
    expect(await site.audits()).toEqual([])
  })

  test.each([1, 'yes', null])('are also those for whom readOnly is %s', async (readOnly) => {
    const site = createSite({ authorize: () => ({ actor: 'ada', readOnly: readOnly as never }) })
    expect((await site.get('?page=publish')).status).toBe(403)
  })
})

describe('a forged form changes nothing', () => {
  async function sent(fields: Fields, headers: Readonly<Record<string, string | null>>): Promise<unknown> {
    const site = createSite()
    const { status } = await site.post('?page=publish', { ...hello, ...fields }, headers)
    return [status, await countOf(site, 'greeting')]
  }

  test.each([
    { from: 'its own page', headers: { 'sec-fetch-site': 'same-origin' }, answer: [303, 1] },
    {
      from: 'its own page over plain HTTP',
      headers: { 'sec-fetch-site': null, origin: 'https://example.org', host: 'example.org' },
      answer: [303, 1],
    },
    { from: 'another site', headers: { 'sec-fetch-site': 'cross-site' }, answer: [403, 0] },
    { from: 'a neighbouring subdomain', headers: { 'sec-fetch-site': 'same-site' }, answer: [403, 0] },
    { from: 'nowhere', headers: { 'sec-fetch-site': 'none' }, answer: [403, 0] },
    {
      from: 'another origin over plain HTTP',
      headers: { 'sec-fetch-site': null, origin: 'https://evil.example' },
      answer: [403, 0],
    },
    { from: 'a sandbox', headers: { 'sec-fetch-site': null, origin: 'null' }, answer: [403, 0] },
    { from: 'somebody who does not say', headers: { 'sec-fetch-site': null }, answer: [403, 0] },
  ])('from $from, although it has the token', async ({ headers, answer }) => {
    expect(await sent({}, headers)).toEqual(answer)
  })

  test('without the token, with a wrong one, and with that of somebody else', async () => {
    for (const token of ['', 'x', 'A'.repeat(43)]) expect(await sent({ token }, {})).toEqual([403, 0])
    let actor = 'ada'
    const site = createSite({ authorize: () => ({ actor }) })
    const token = tokenIn(await site.page('?page=publish'))
    actor = 'grace'
    expect((await site.post('?page=publish', { ...hello, token })).status).toBe(403)
    expect((await site.post('?page=publish', { ...hello, token }, { cookie: `trunkline_admin=${'B'.repeat(43)}` })).status).toBe(
      403,
    )
    actor = 'ada'
    expect((await site.post('?page=publish', { ...hello, token }, { cookie: '' })).status).toBe(403)
    expect((await site.post('?page=publish', { ...hello, token })).status).toBe(303)
  })

  test('and any process takes the form of another', async () => {
    const deployment = memory()
    const [one, two] = [createSite({ options: deployment }), createSite({ options: deployment })]
    const form = await one.get('?page=publish')
    const cookie = form.headers.get('set-cookie')?.split(';')[0] ?? ''
    const token = tokenIn(await form.text())
    expect((await two.post('?page=publish', { ...hello, token }, { cookie })).status).toBe(303)
  })

  test('in an address: what GET can do is look', async () => {
    const site = createSite()
    const token = tokenIn(await site.page('?page=publish'))
    await site.get(`?page=publish&token=${token}&type=greeting&scope=global`)
    expect(await countOf(site, 'greeting')).toBe(0)
  })

  test('the cookie of it is for no script, and for HTTPS alone where there is HTTPS', async () => {
    expect((await createSite().get('')).headers.get('set-cookie')).toMatch(
      /^trunkline_admin=[\w-]{43}; HttpOnly; SameSite=Lax; Secure$/,
    )
    const plain = createSite({ mount: 'http://localhost/admin' })
    expect((await plain.get('')).headers.get('set-cookie')).toMatch(/SameSite=Lax$/)
    expect((await plain.get('')).headers.get('set-cookie')).toBeNull()
  })

  test('a form that is too large, or none, is refused', async () => {
    const site = createSite()
    expect((await site.post('?page=publish', { ...hello, detail: 'x'.repeat(2 ** 20) })).status).toBe(413)
    expect((await site.post('?page=publish', hello, { 'content-type': 'text/plain' })).status).toBe(415)
  })
})
