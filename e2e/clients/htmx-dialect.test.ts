import type { TrunklineEvent } from '@trunkline/core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'

import { launchBrowser } from '../support/browser.ts'
import { createDeployment, type Deployment, type Process } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { htmxDialect } from './htmx-dialect.ts'
import { type ClientsServer, channel, startClientsServer } from './support/server.ts'

let browser: Browser
let deployment: Deployment
let server: ClientsServer
let publisher: Process

beforeAll(async () => {
  ;[browser, deployment] = await Promise.all([launchBrowser(), createDeployment(inject('databaseUrl'))])
  server = await startClientsServer(deployment)
  publisher = deployment.open()
})

afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
})

afterAll(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
  await deployment?.[Symbol.asyncDispose]()
})

test('a page of htmx shows events as they come, and after a restart what it has missed, once and in order', async () => {
  const page = await open(await publisher.cursor())
  await say(1)
  await untilShown(page, 1)
  await server.restart(async () => {
    await say(2)
    // Of a type that the page has no fragment for.
    await publisher.publishToChannel({ channel, type: 'counted', detail: { count: 3 } })
    await say(3)
  })
  await untilShown(page, 3)
  await say(4)
  await untilShown(page, 4)
  expect(await page.locator('ol > li').allTextContents()).toEqual([1, 2, 3, 4].map((number) => `number ${number}`))
})

test.each([
  { what: 'comes back where it was', path: 'htmx', shown: [1, 2, 3] },
  { what: 'without reconnecting-eventsource begins again', path: 'htmx-alone', shown: [1, 1, 2, 3] },
])('after an answer of 503 a page of htmx $what', async ({ path, shown }) => {
  const page = await open(await publisher.cursor(), path)
  await say(1)
  await untilShown(page, 1)
  const stream = 'page/htmx'
  const before = server.turnedAway(stream)
  await server.beBusy(async () => {
    await say(2)
    await eventually('an answer of 503', () => server.turnedAway(stream) > before)
  })
  await untilShown(page, shown.length - 1)
  await say(3)
  await untilShown(page, shown.length)
  expect(await page.locator('ol > li').allTextContents()).toEqual(shown.map((number) => `number ${number}`))
})

test('what users wrote is text in the page, and never HTML', async () => {
  const texts = [
    `<img src="/none" onerror="document.title = 'caught'">`,
    '<script>alert(1)</script>',
    '"\'&lt;&amp;',
    '</li></ol><b>',
  ]
  const page = await open(await publisher.cursor())
  for (const text of texts) await say(1, text)
  await publisher.publishToChannel({ channel, type: 'line', raw: texts.join('\n') })
  await untilShown(page, texts.length + 1)
  expect(await page.locator('ol > li').allTextContents()).toEqual([...texts, texts.join('\n')])
  expect(await page.locator('ol *:not(li), body > b').count()).toBe(0)
  expect(await page.title()).toBe('htmx')
})

test('a value cannot leave its attribute', () => {
  const detail = { number: '1" onclick="alert(1)', text: '' }
  expect(frameOf('said', detail)).toMatchObject({ data: '<li value="1&quot; onclick=&quot;alert(1)"></li>' })
})

test.each(['counted', 'constructor', 'toString'])(
  'an event of the type %s, which has no fragment, is a place and nothing else',
  (type) => {
    expect(frameOf(type, {})).toEqual({ id: 'cursor', comment: 'not shown' })
  },
)

function frameOf(type: string, detail: unknown): object {
  const event: TrunklineEvent = {
    id: 'id',
    type,
    detail,
    scope: 'global',
    createdAt: '2026-01-31T12:00:00.000Z',
    cursor: 'cursor',
  }
  return htmxDialect.event(event, JSON.stringify(detail), false)
}

/** The page of docs/clients.md, that follows what comes after a cursor. */
async function open(since: string, path = 'htmx'): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const stream = `/realtime/page/sse?${new URLSearchParams({ channel, dialect: 'htmx', since })}`
  await page.goto(`${server.origin}/${path}?${new URLSearchParams({ stream })}`)
  return page
}

async function say(number: number, text = `number ${number}`): Promise<void> {
  await publisher.publishToChannel({ channel, type: 'said', detail: { number, text } })
}

async function untilShown(page: Page, count: number): Promise<void> {
  await page
    .locator('ol > li')
    .nth(count - 1)
    .waitFor({ state: 'attached' })
}
