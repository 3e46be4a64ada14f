import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'

import { join as joinRoom, saidIn, say, textsIn, untilSaid, untilStatus, visit } from './browser/chat-room.ts'
import { freePort } from '../scripts/embedded-postgres/free-port.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { type RunningProcess, startProcess } from './support/processes.ts'

interface Room extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly process: RunningProcess
}

let browser: Browser
let deployment: Deployment
let a: Room
let b: Room
/** What the pages complained about. */
const complaints: string[] = []

beforeAll(async () => {
  // The example's schema has a fixed name.
  deployment = await createDeployment(inject('databaseUrl'), { database: true })
  const ports = await Promise.all([freePort(), freePort()])
  ;[browser, a, b] = await Promise.all([launchBrowser(), startRoom(ports[0]), startRoom(ports[1])])
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
  expect(complaints.splice(0)).toEqual([])
  expect([a, b].map(({ process }) => process.output)).toEqual(['', ''])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([a, b].map((room) => room?.[Symbol.asyncDispose]()))
  await deployment?.[Symbol.asyncDispose]()
})

async function startRoom(port: number): Promise<Room> {
  const process = await startProcess(new URL('../examples/chat-room/server.ts', import.meta.url), {
    env: { DATABASE_URL: deployment.url, PORT: String(port) },
  })
  return { url: `http://localhost:${port}/`, port, process, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() }
}

/** A browser of its own, in which the person has joined. */
async function join(name: string, room: Room, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  context.on(
    'console',
    (message) => ['error', 'warning'].includes(message.type()) && complaints.push(`${name}: ${message.text()}`),
  )
  context.on('weberror', (error) => complaints.push(`${name}: ${error.error()}`))
  return joinRoom(context, room.url, name)
}

test('two people at two processes see what the other says, without a reload', async () => {
  const [ann, bob] = await Promise.all([join('Ann', a), join('Bob', b)])
  await Promise.all([ann, bob].map((page) => page.evaluate(() => (document.title = 'not reloaded'))))
  await say(ann, 'Hello from <b>A</b> & co.')
  await untilSaid(bob, 'Hello from <b>A</b> & co.')
  await say(bob, 'And from B 🐘')
  await untilSaid(ann, 'And from B 🐘')
  const said = [
    ['Ann', 'Hello from <b>A</b> & co.', String(a.port)],
    ['Bob', 'And from B 🐘', String(b.port)],
  ]
  for (const page of [ann, bob]) {
    expect((await saidIn(page)).slice(-2)).toEqual(said)
    expect(await page.title()).toBe('not reloaded')
  }
})

test("a long task's progress is in all tabs of its owner, and in nobody else's", async () => {
  const [ann, bob] = await Promise.all([join('Ann', a), join('Bob', b)])
  const otherTab = await visit(ann.context(), b.url)
  await ann.getByRole('button', { name: 'Run a long task' }).click()
  for (const page of [ann, otherTab]) {
    const task = page.locator('#tasks .task')
    const bar = task.getByRole('progressbar')
    await bar.waitFor()
    await eventually('progress', async () => (await bar.evaluate(valueOf)) > 0)
    await task.getByText('Done').waitFor()
    expect([await task.count(), await bar.evaluate(valueOf)]).toEqual([1, 100])
    expect(await task.locator('.chip').textContent()).toBe(String(a.port))
  }
  await say(ann, 'My task is done')
  await untilSaid(bob, 'My task is done')
  expect(await bob.locator('#tasks .task').count()).toBe(0)
})

test('scrolling back loads the history, to the first message and each one once', async () => {
  const ann = await join('Ann', a)
  const texts = Array.from({ length: 100 }, (_, number) => `Number ${number}`)
  await ann.evaluate(async (all) => {
    for (const text of all) await fetch('/messages', { method: 'POST', body: new URLSearchParams({ text }) })
  }, texts)
  await untilSaid(ann, 'Number 99')

  const bob = await join('Bob', b)
  const before = await saidIn(bob)
  expect(before.length).toBeLessThan(60)
  expect(before.at(-1)?.[1]).toBe('Number 99')
  const scroller = bob.locator('#messages')
  await eventually('the beginning', async () => {
    await scroller.evaluate((element) => (element.scrollTop = 0))
    return bob.getByRole('button', { name: 'Show older messages' }).isHidden()
  })
  const shown = await textsIn(bob)
  expect(shown.slice(-100)).toEqual(texts)
  // What the tests before this one said is there too, as in the page that never scrolled.
  expect(shown).toEqual(await textsIn(ann))
})

test('the status says in words when the server goes away and when it is back, and what was said meanwhile is there', async () => {
  const [ann, bob] = await Promise.all([join('Ann', a), join('Bob', b)])
  await a.process.kill()
  await untilStatus(ann, 'Reconnecting')
  await say(bob, 'Ann, are you there?')
  await untilSaid(bob, 'Ann, are you there?')
  a = await startRoom(a.port)
  await untilStatus(ann, 'Connected')
  await untilSaid(ann, 'Ann, are you there?')
  await say(ann, 'I am back')
  await untilSaid(bob, 'I am back')
  expect((await textsIn(ann)).filter((text) => text === 'Ann, are you there?')).toHaveLength(1)
  // Chromium says so itself whenever a server does not answer.
  const others = complaints
    .splice(0)
    .filter(
      (complaint) => !/net::ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/.test(complaint),
    )
  expect(others).toEqual([])
})

test('the clock of either page goes, and both are driven by one process', async () => {
  const [ann, bob] = await Promise.all([join('Ann', a), join('Bob', b)])
  for (const page of [ann, bob]) {
    const clock = page.locator('#clock')
    await clock.getByText(/\d:\d\d:\d\d/).waitFor()
    const first = await clock.textContent()
    await eventually('the next second', async () => (await clock.textContent()) !== first)
  }
  const ports = await Promise.all([ann, bob].map((page) => page.locator('#clock-port').textContent()))
  expect(new Set(ports).size).toBe(1)
})

test('on a phone everything is within the screen', async () => {
  const ann = await join('Ann', a, { viewport: { width: 360, height: 640 } })
  expect(await ann.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  await say(ann, 'a-word-that-is-much-longer-than-the-screen-of-a-phone-is-wide-'.repeat(4))
  await untilSaid(ann, 'a-word-that-is-much-longer-than-the-screen-of-a-phone-is-wide-'.repeat(4))
  expect(await ann.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  for (const part of [ann.getByLabel('Message as'), ann.getByRole('button', { name: 'Send' }), ann.getByRole('status')]) {
    const { x, y, width, height } = (await part.boundingBox()) ?? { x: -1, y: -1, width: 0, height: 0 }
    expect(x >= 0 && y >= 0 && x + width <= 360 && y + height <= 640).toBe(true)
  }
})

function valueOf(element: unknown): number {
  return (element as { readonly value: number }).value
}
