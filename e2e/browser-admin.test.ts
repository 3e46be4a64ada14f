import axe from 'axe-core'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'

import { type ChatRoom, startChatRoom } from '../examples/chat-room/chat-room.ts'
import { join, say, textsIn, untilSaid } from './browser/chat-room.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment, type Process } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'

// Two processes of the demo, and the same log seen without them.
let browser: Browser
let deployment: Deployment
let a: ChatRoom
let b: ChatRoom
let log: Process
const failures: unknown[] = []
/** What the pages complained about. */
const complaints: string[] = []

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  log = deployment.open()
  await log.start()
  const { url: databaseUrl, schema } = deployment
  const options = { databaseUrl, schema, port: 0, onError: (error: unknown) => failures.push(error) }
  ;[browser, a, b] = await Promise.all([launchBrowser(), startChatRoom(options), startChatRoom(options)])
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
  expect(complaints.splice(0)).toEqual([])
  expect(failures.splice(0)).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([a?.stop(), b?.stop()])
  await deployment?.[Symbol.asyncDispose]()
})

async function openContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext(options)
  context.on('console', (message) => {
    // Chromium says so itself whenever a form is answered with what is wrong with it.
    if (['error', 'warning'].includes(message.type()) && !/status of 400/.test(message.text())) complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (hostname !== 'localhost' || protocol !== 'http:') complaints.push(`asked ${request.url()}`)
  })
  return context
}

async function openAdmin(context: BrowserContext, query = ''): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${a.url}/admin${query}`)
  return page
}

/** The types in the table of events, from top to bottom. */
function typesIn(page: Page): Promise<readonly string[]> {
  return page.locator('.events tbody .type').allInnerTexts()
}

describe.each([
  { how: 'with JavaScript', javaScriptEnabled: true },
  { how: 'without JavaScript', javaScriptEnabled: false },
])('the events $how', ({ javaScriptEnabled }) => {
  test('are filtered, opened and replayed: into a chat page that is open at the other process', async () => {
    const text = `Replay me ${javaScriptEnabled}`
    const ann = await join(await openContext(), b.url, 'Ann')
    await say(ann, text)
    await untilSaid(ann, text)
    // Who joins now has the message in the page, and not from the stream.
    const arrivals = await countArrivals(ann)

    const admin = await openAdmin(await openContext({ javaScriptEnabled }))
    await admin.getByLabel('Type').fill('chat_message')
    await admin.getByLabel('Channel', { exact: true }).fill('lobby')
    await admin.getByLabel('Text in the detail').fill(text)
    await admin.getByRole('button', { name: 'Show' }).click()
    await admin.getByText('Looked at every event').waitFor()
    expect(await typesIn(admin)).toEqual(['chat_message'])
    expect(new URL(admin.url()).searchParams.get('channel')).toBe('lobby')

    await admin.getByRole('link', { name: 'chat_message' }).click()
    await admin.getByRole('heading', { name: 'Detail' }).waitFor()
    expect(await admin.locator('pre:visible').innerText()).toContain(`"text": "${text}"`)
    await admin.getByRole('link', { name: 'Replay …' }).click()
    await admin.getByRole('heading', { name: 'Replay 1 event?' }).waitFor()
    expect(await arrivals()).toBe(0)
    await admin.getByRole('button', { name: 'Replay 1 event' }).click()
    await admin.getByText('1 event replayed').waitFor()
    await eventually('the event again', async () => (await arrivals()) === 1)
    // The page knows messages by their ids.
    expect((await textsIn(ann)).filter((said) => said === text)).toHaveLength(1)
  })

  test('are replayed by ticks and by a whole filter, with a count', async () => {
    const type = `many_${javaScriptEnabled}`
    const batch = Array.from({ length: 1_200 }, (_, n) => ({ scope: 'global', type, detail: n }) as const)
    await log.publishMany(batch)
    const admin = await openAdmin(await openContext({ javaScriptEnabled }), `?page=events&type=${type}`)
    await admin.getByText('1,200 events').waitFor()
    for (const row of [0, 2]) await admin.locator('tbody input[type=checkbox]').nth(row).check()
    await admin.getByRole('button', { name: 'Replay ticked …' }).click()
    await admin.getByRole('button', { name: 'Replay 2 events' }).click()
    await admin.getByText('2 events replayed').waitFor()
    expect((await log.find({ type, limit: 2 })).events.map(({ detail }) => detail)).toEqual([1_197, 1_199])

    await admin.goto(`${a.url}/admin?page=events&type=${type}`)
    await admin.getByRole('link', { name: 'Replay all of the filter …' }).click()
    await admin.getByRole('button', { name: 'Replay 1,202 events' }).click()
    await admin.getByText('1,202 events replayed').waitFor()
    // Of all that it said on the way, the last is what one sees.
    expect(await admin.locator('.steps .step:visible').count()).toBe(1)
    expect((await log.find({ type: 'trunkline.audit', limit: 1 })).events[0]?.detail).toMatchObject({
      actor: 'a visitor',
      action: 'replayed',
      count: 1_202,
    })
  })

  test('are published by a form, which says beside the field what is wrong', async () => {
    const ann = await join(await openContext(), b.url, 'Ann')
    const admin = await openAdmin(await openContext({ javaScriptEnabled }), '?page=publish')
    const text = `From the form ${javaScriptEnabled}`
    await admin.getByLabel('Type').selectOption('chat_message')
    await admin.getByRole('radio', { name: 'channel' }).check()
    await admin.getByLabel('Channel', { exact: true }).fill('lobby')
    await admin.getByLabel('Detail, as JSON').fill(JSON.stringify({ name: 'Admin', text: '', port: 1 }))
    await admin.getByRole('button', { name: 'Publish' }).click()
    await admin.getByText('text: Write something first.').waitFor()
    expect(await admin.getByLabel('Detail, as JSON').getAttribute('aria-invalid')).toBe('true')
    await admin.getByLabel('Detail, as JSON').fill(JSON.stringify({ name: 'Admin', text, port: 1 }))
    await admin.getByRole('button', { name: 'Publish' }).click()
    await admin.getByText('Published.').waitFor()
    await untilSaid(ann, text)
  })
})

describe('the live page', () => {
  test('shows events of every user as they come, also what came while it was paused', async () => {
    const admin = await openAdmin(await openContext(), '?page=live&type=ping')
    await admin.getByRole('status').getByText('Live').waitFor()
    await log.publish({ userId: 7, type: 'ping', detail: { n: 1 } })
    await log.publish({ userId: 7, type: 'other', detail: { n: 1 } })
    await admin.getByText('{"n":1}').waitFor()
    expect(await typesIn(admin)).toEqual(['ping'])

    await admin.getByRole('button', { name: 'Pause' }).click()
    for (const n of [2, 3]) await log.publishToChannel({ channel: 'x', type: 'ping', detail: { n } })
    await admin.getByRole('button', { name: 'Resume (2 new)' }).waitFor()
    expect(await admin.locator('.events tbody tr').count()).toBe(1)
    await admin.getByRole('button', { name: 'Resume' }).click()
    expect(await admin.locator('summary').allInnerTexts()).toEqual(['{"n":3}', '{"n":2}', '{"n":1}'])

    await admin.getByRole('button', { name: 'Clear' }).click()
    await admin.getByText('Nothing has happened').waitFor()
    await admin.getByLabel('User').fill('8')
    await admin.waitForURL(/user=8/)
    await admin.getByRole('status').getByText('Live').waitFor()
    await log.publish({ userId: 7, type: 'ping', detail: { n: 4 } })
    await log.publish({ userId: 8, type: 'ping', detail: { n: 5 } })
    await admin.getByText('{"n":5}').waitFor()
    expect(await admin.locator('.events tbody tr').count()).toBe(1)
  })

  test('keeps the newest 500, says so, and stays text whatever comes', async () => {
    const hostile = '"><img src=x onerror="document.title=1"><script>document.title=2</script>'
    const admin = await openAdmin(await openContext(), '?page=live&scope=channel')
    await admin.getByRole('status').getByText('Live').waitFor()
    for (let n = 0; n < 6; n++) {
      await log.publishMany(Array.from({ length: 100 }, () => ({ scope: 'channel', channel: 'x', type: 'many', detail: n })))
    }
    await admin.getByText('600 since you came, the newest 500 are here').waitFor()
    expect(await admin.locator('.events tbody tr').count()).toBe(500)
    await log.publishToChannel({ channel: hostile, type: hostile, detail: { [hostile]: hostile } })
    const row = admin.locator('.events tbody tr').first()
    await row.getByText(hostile).first().waitFor()
    await row.locator('summary').click()
    expect(await row.locator('pre').innerText()).toContain('document.title=2')
    expect(await row.locator('img, script').count()).toBe(0)
    await row.getByRole('link', { name: hostile }).first().click()
    await admin.getByRole('heading', { name: 'Detail' }).waitFor()
    expect(await admin.locator('h1').innerText()).toBe(hostile)
    expect(await admin.locator('main img, main script').count()).toBe(0)
  })
})

test('the live page comes back when its process has restarted, and says that something may be missing', async () => {
  const { url: databaseUrl, schema } = deployment
  const options = { databaseUrl, schema, onError: (error: unknown) => failures.push(error) }
  const first = await startChatRoom({ ...options, port: 0 })
  const admin = await (await browser.newContext()).newPage()
  await admin.goto(`${first.url}/admin?page=live&type=back`)
  await admin.getByRole('status').getByText('Live').waitFor()
  await first.stop()
  await admin.getByRole('status').getByText('Reconnecting').waitFor()
  const second = await startChatRoom({ ...options, port: first.port })
  await admin.getByText('what was published meanwhile is not here').waitFor()
  await log.publishGlobal({ type: 'back' })
  await admin.getByRole('link', { name: 'back', exact: true }).waitFor()
  await second.stop()
})

test('the events are kept fresh on request, and never under a hand that ticks', async () => {
  const admin = await (await openContext()).newPage()
  await admin.clock.install()
  await log.publishGlobal({ type: 'fresh', detail: 1 })
  await admin.goto(`${a.url}/admin?page=events&type=fresh`)
  await admin.getByRole('link', { name: 'Keep fresh' }).click()
  await admin.getByRole('link', { name: 'Stop refreshing' }).waitFor()
  await log.publishGlobal({ type: 'fresh', detail: 2 })
  await admin.clock.runFor(3_000)
  await admin.getByText('2 events', { exact: true }).waitFor()

  const asked: string[] = []
  admin.on('request', (request) => asked.push(request.url()))
  await admin.getByLabel('Tick all on this page').check()
  expect(await admin.locator('tbody :checked').count()).toBe(2)
  await log.publishGlobal({ type: 'fresh', detail: 3 })
  await admin.clock.runFor(30_000)
  expect(asked).toEqual([])
  await admin.getByLabel('Tick all on this page').uncheck()
  await admin.locator('h1').click()
  await admin.clock.runFor(3_000)
  await admin.getByText('3 events', { exact: true }).waitFor()
})

test('a form of another origin changes nothing, with or without the right token', async () => {
  const context = await browser.newContext()
  const admin = await openAdmin(context, '?page=publish')
  const token = await admin.locator('input[name=token]').first().getAttribute('value')
  await using evil = await serve(`<form method="post" action="${a.url}/admin?page=publish">
    <input name="token" value="${token}"><input name="type" value="clock"><input name="scope" value="global">
    <input name="detail" value='{"now":"2026-01-01T00:00:00.000Z","port":666}'></form>`)
  const { cursor } = (await log.find({ limit: 1 })).events[0] ?? { cursor: null }
  // One origin of the same site, which gets the cookie, and one of another.
  for (const origin of [`http://localhost:${evil.port}`, `http://127.0.0.1:${evil.port}`]) {
    const page = await context.newPage()
    await page.goto(origin)
    await page.evaluate(() => document.querySelector('form')?.submit())
    await page.getByText('the request came from elsewhere').waitFor()
    expect(new URL(page.url()).pathname).toBe('/admin')
  }
  expect((await log.find({ limit: 1 })).events[0]?.cursor ?? null).toBe(cursor)
})

test('no page of another origin can frame it', async () => {
  await using evil = await serve(`<iframe src="${a.url}/admin"></iframe>`)
  const page = await (await browser.newContext()).newPage()
  await page.goto(`http://127.0.0.1:${evil.port}`)
  await eventually('the frame', async () => page.frames().length === 2)
  await eventually('the refusal', () => page.frames()[1]?.url().startsWith('chrome-error:'))
})

describe.each(['light', 'dark'] as const)('axe finds no fault in %s', (colorScheme) => {
  test.each(['events', 'event', 'live', 'publish', 'replay'])('in %s', async (name) => {
    const { id } = await log.publish({ userId: 7, type: 'greeting', detail: { text: 'Hello' }, privateData: 1 })
    // Its script is put into the page, which the policy of the page would refuse.
    const context = await openContext({ colorScheme, bypassCSP: true, reducedMotion: 'reduce' })
    const admin = await openAdmin(context, `?page=${name}&id=${id}`)
    if (name === 'live') {
      await admin.getByRole('status').getByText('Live').waitFor()
      await log.publish({ userId: 7, type: 'greeting', detail: { text: 'Hello' } })
      await admin.getByText('Hello').first().waitFor()
    }
    if (name === 'publish') {
      await admin.getByLabel('Detail, as JSON').fill('{')
      await admin.getByRole('button', { name: 'Publish' }).click()
      await admin.getByRole('alert').waitFor()
    }
    await admin.evaluate(axe.source)
    const { violations } = await admin.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
    expect(violations.map(({ id: rule, nodes }) => [rule, nodes.map(({ html }) => html)])).toEqual([])
  })
})

test('on a phone nothing is wider than the screen', async () => {
  const { id } = await log.publish({ userId: 'x'.repeat(200), type: 'y'.repeat(200), detail: { text: 'z'.repeat(500) } })
  const context = await openContext({ viewport: { width: 360, height: 740 } })
  for (const name of ['events', 'event', 'live', 'publish', 'replay']) {
    const admin = await openAdmin(context, `?page=${name}&id=${id}`)
    expect(await admin.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await admin.close()
  }
})

test('the keyboard reaches everything: past the navigation, to a filter, to its result', async () => {
  await log.publishGlobal({ type: 'by_keyboard' })
  const admin = await openAdmin(await openContext())
  await admin.keyboard.press('Tab')
  expect(await admin.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content')
  await admin.keyboard.press('Enter')
  await admin.keyboard.press('Tab')
  await admin.keyboard.type('by_keyboard')
  await admin.keyboard.press('Enter')
  await admin.getByText('1 event', { exact: true }).waitFor()
  expect(await typesIn(admin)).toEqual(['by_keyboard'])
})

test('an event is copied as JSON', async () => {
  const { id } = await log.publishGlobal({ type: 'to_copy', detail: { a: 1 } })
  const context = await openContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const admin = await openAdmin(context, `?page=event&id=${id}`)
  await admin.getByRole('link', { name: 'Copy as JSON' }).click()
  await admin.getByText('Copied').waitFor()
  const copied = await admin.evaluate(() => navigator.clipboard.readText())
  expect(JSON.parse(copied)).toMatchObject({ id, type: 'to_copy', detail: { a: 1 } })
})

/** How often a chat message has come through the stream since now. */
async function countArrivals(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counted = globalThis as unknown as { arrivals: number }
    counted.arrivals = 0
    addEventListener('trunkline:chat_message', () => counted.arrivals++)
  })
  return () => page.evaluate(() => (globalThis as unknown as { arrivals: number }).arrivals)
}

/** A site of somebody else, on any free port. */
async function serve(page: string): Promise<{ port: number } & AsyncDisposable> {
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
  }).listen(0)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // not a pipe
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
