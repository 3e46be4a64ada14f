import { memory } from '@trunkline/core'
import { describe, expect, test } from 'vitest'

import { createSite, type Site } from './support.ts'

/** The types in the table, from top to bottom. */
function typesIn(page: string): readonly string[] {
  return [...page.matchAll(/<td class="type">\s*<a [^>]*>([^<]*)</g)].map(([, type = '']) => type)
}

/** Where a link with this text leads. */
function linkIn(page: string, text: string): string {
  const [, href = ''] = new RegExp(`href="([^"]*)"[^>]*>\\s*${text}`).exec(page) ?? []
  return href.replaceAll('&amp;', '&')
}

async function publishSome({ trunkline }: Site): Promise<void> {
  await trunkline.publish({ userId: 7, type: 'to_seven', detail: { ':id': 42 } })
  await trunkline.publish({ userId: 8, type: 'to_eight' })
  await trunkline.publishToChannel({ channel: 'room 1', type: 'to_room', detail: { text: 'a needle' } })
  await trunkline.publishGlobal({ type: 'to_all' })
  await trunkline.publishSystem({ type: 'to_backend', userId: 7 })
}

describe('the events', () => {
  test.each([
    { query: '', types: ['to_backend', 'to_all', 'to_room', 'to_eight', 'to_seven'] },
    { query: 'type=to_all', types: ['to_all'] },
    { query: 'scope=user', types: ['to_eight', 'to_seven'] },
    { query: 'user=7', types: ['to_backend', 'to_seven'] },
    { query: 'user=7&scope=user', types: ['to_seven'] },
    { query: 'channel=room%201', types: ['to_room'] },
    { query: 'entity=42', types: ['to_seven'] },
    { query: 'text=needle', types: ['to_room'] },
    { query: 'after=2001-01-01T00:00', types: ['to_backend', 'to_all', 'to_room', 'to_eight', 'to_seven'] },
    { query: 'before=2001-01-01T00:00:30', types: [] },
    { query: 'type=&user=+', types: ['to_backend', 'to_all', 'to_room', 'to_eight', 'to_seven'] },
  ])('of the filter "$query" are shown, newest first', async ({ query, types }) => {
    const site = createSite()
    await publishSome(site)
    expect(typesIn(await site.page(`?page=events&${query}`))).toEqual(types)
  })

  test('of a filter that is wrong are not shown: the field says what it wants', async () => {
    const site = createSite()
    await publishSome(site)
    const response = await site.get('?page=events&after=yesterday&scope=galaxy&type=to_all')
    expect(response.status).toBe(400)
    const page = await response.text()
    expect(typesIn(page)).toEqual([])
    expect(page.match(/aria-invalid="true"/g)).toHaveLength(2)
    expect(page).toContain('value="to_all"')
  })

  test('of a filter that no event can fit are not looked for', async () => {
    const site = createSite()
    for (const query of [`type=${'x'.repeat(1_001)}`, 'text=a%00b', 'after=2026-02-31T99:00']) {
      expect((await site.get(`?page=events&${query}`)).status).toBe(400)
    }
    expect((await site.get('?page=event&id=%00')).status).toBe(404)
    expect((await site.get('?page=events&older=x')).status).toBe(400)
    expect(site.failures).toEqual([])
  })

  test('of a filter by time keep it in the form, to the millisecond', async () => {
    const site = createSite()
    const page = await site.page('?page=events&after=2026-01-31&before=2026-01-31T12:00:00.123%2B01:00')
    expect(page).toMatch(/step="1"\s+id="field-after"\s+name="after"\s+value="2026-01-31T00:00:00"/)
    expect(page).toMatch(/step="0.001"\s+id="field-before"\s+name="before"\s+value="2026-01-31T11:00:00.123"/)
  })

  test('come in pages, each one once', async () => {
    const site = createSite()
    for (let n = 0; n < 120; n++) await site.trunkline.publishGlobal({ type: `n${n}` })
    const seen: string[] = []
    for (let path = '?page=events&scope=global'; path !== '';) {
      const page = await site.page(path)
      expect(page).toContain('<b>120 events</b>')
      seen.push(...typesIn(page))
      path = linkIn(page, 'Older')
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => `n${119 - n}`))
  })

  test('are counted up to 10,000', async () => {
    const site = createSite()
    const batch = Array.from({ length: 5_000 }, () => ({ scope: 'global', type: 'many' }) as const)
    for (let n = 0; n < 2; n++) await site.trunkline.publishMany(batch)
    expect(await site.page('')).toContain('<b>10,000 events</b>')
    await site.trunkline.publishGlobal({ type: 'one' })
    expect(await site.page('')).toContain('<b>more than 10,000 events</b>')
    expect(await site.page('?page=events&type=one')).toContain('<b>1 event</b>')
  })

  test('of a text: it says how far it looked, and looks further', async () => {
    const site = createSite()
    await site.trunkline.publishGlobal({ type: 'old', detail: 'a needle' })
    const batch = Array.from({ length: 10_000 }, () => ({ scope: 'global', type: 'hay', detail: 'hay' }) as const)
    for (let n = 0; n < 5; n++) await site.trunkline.publishMany(batch)
    const page = await site.page('?page=events&text=needle')
    expect(page).toContain('Looked at the newest 50,000 events')
    expect(typesIn(page)).toEqual([])
    expect(page).not.toContain('all=yes')
    const further = await site.page(linkIn(page, 'Look further'))
    expect(typesIn(further)).toEqual(['old'])
    expect(further).toContain('Looked at every event')
  })

  test('cannot be looked up without a store, which is said', async () => {
    const site = createSite({ options: { ...memory(), store: undefined } as never })
    expect(await site.page('')).toContain('it has no store')
  })
})

describe('one event', () => {
  test('shows its detail and who it is for; private data only with the right to it', async () => {
    const event = {
      userId: 7,
      type: 'paid',
      detail: { ':id': 42, total: 5 },
      privateData: { card: 'x1234' },
      idempotencyKey: 'key-1',
    }
    for (const privateData of [true, false]) {
      const site = createSite({ authorize: () => ({ actor: 'ada', privateData }) })
      const { id } = await site.trunkline.publish(event)
      const [page, list, json] = await Promise.all([
        site.page(`?page=event&id=${id}`),
        site.page(''),
        site.page(`?page=event&id=${id}&as=json`),
      ])
      expect(page).toContain('&quot;total&quot;: 5')
      expect(page).toContain('Private data')
      expect([page.includes('x1234'), page.includes('key-1')]).toEqual([privateData, privateData])
      expect([list.includes('x1234'), list.includes('key-1')]).toEqual([false, false])
      expect(JSON.parse(json)).toMatchObject({ id, detail: event.detail, userId: '7' })
      expect([json.includes('x1234'), json.includes('key-1')]).toEqual([privateData, privateData])
    }
  })

  test('shows what became of it, with tracking', async () => {
    const site = createSite({ options: { tracking: true } })
    await site.trunkline.start()
    const { id } = await site.trunkline.publish({ userId: 7, type: 'paid' })
    await site.trunkline.acknowledge({ userId: 7, ids: [id], status: 'read' })
    await expect.poll(async () => (await site.trunkline.activities(id))?.status).toBe('read')
    const page = await site.page(`?page=event&id=${id}`)
    expect(page).toContain('What became of it')
    expect(page).toMatch(/Read, says the client, user\s+<a [^>]*>7</)
  })
})

test('whatever an event holds is text', async () => {
  const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>\'`${1}&lt;'
  const site = createSite({ authorize: () => ({ actor: hostile, privateData: true }), options: { tracking: true } })
  const { id } = await site.trunkline.publishToChannel({
    channel: hostile,
    type: hostile,
    detail: { ':id': hostile, [hostile]: hostile },
    privateData: hostile,
    idempotencyKey: hostile,
  })
  await site.trunkline.publish({ userId: hostile, type: '</title><svg onload=alert(3)>', raw: '</pre><script>alert(4)</script>' })
  const q = encodeURIComponent(hostile)
  for (const path of [
    '',
    `?page=events&type=${q}&user=${q}&channel=${q}&entity=${q}&text=${q}`,
    `?page=events&after=${q}&before=${q}&scope=${q}`,
    `?page=event&id=${id}`,
    `?page=event&id=${q}`,
    `?page=replay&id=${id}`,
    `?page=replay&all=yes&channel=${q}`,
    `?page=live&type=${q}&text=${q}`,
    `?page=publish&type=${q}&user=${q}&detail=${q}&published=${q}&scope=${q}`,
    `?page=${q}`,
  ]) {
    const page = await (await site.get(path)).text()
    expect({ path, scripts: page.match(/<script/g)?.length }).toEqual({ path, scripts: 1 })
    expect(page).not.toMatch(/<(img src=x|svg)/)
  }
})
