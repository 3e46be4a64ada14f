import type { IncomingMessage } from 'node:http'
import { nodeAdapter } from '@trunkline/adapter-node-http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { detailsOf, record, untilConnected, untilRecorded } from './browser/recorder.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment, type Process } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { startWebServer, type WebServer } from './support/web-server.ts'

/** A request that came to the stream's origin. */
interface Asked {
  readonly method: string
  readonly origin: string | undefined
  readonly cursor: string | undefined
}

let browser: Browser
let deployment: Deployment
let trunkline: Process
let pages: WebServer
let streams: WebServer
const asked: Asked[] = []
/** Those of the streams that are open. */
const open = new Set<IncomingMessage>()

beforeAll(async () => {
  ;[browser, deployment] = await Promise.all([launchBrowser(), createDeployment(inject('databaseUrl'))])
  trunkline = deployment.open()
  // Another host, not only another port: to a browser another site altogether.
  const page = await startWebServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'))
  pages = { ...page, origin: page.origin.replace('127.0.0.1', 'localhost') }
  const realtime = nodeAdapter(trunkline, { path: '/realtime', identify: () => null, cors: { origins: [pages.origin] } })
  streams = await startWebServer((request, response) => {
    asked.push({
      method: request.method ?? '',
      origin: request.headers.origin,
      cursor: request.headersDistinct['last-event-id']?.[0],
    })
    open.add(request)
    response.once('close', () => open.delete(request))
    realtime(request, response)
  })
})

afterAll(async () => {
  await browser?.close()
  await streams?.[Symbol.asyncDispose]()
  await pages?.[Symbol.asyncDispose]()
  await deployment?.[Symbol.asyncDispose]()
})

test("a browser's own EventSource resumes from another origin, and asks for no leave before", async () => {
  const page = await follow()
  await publish(1)
  await eventually('the first number', async () => (await numbersOf(page)).length === 1)
  const cursor = await lastCursorOf(page)

  cut()
  // While it is away.
  await publish(2)
  await publish(3)
  await eventually('what it missed', async () => (await numbersOf(page)).length === 3)
  await publish(4)
  await eventually('what comes live', async () => (await numbersOf(page)).length === 4)

  expect(await numbersOf(page)).toEqual([1, 2, 3, 4])
  expect(asked).toEqual([
    { method: 'GET', origin: pages.origin, cursor: undefined },
    { method: 'GET', origin: pages.origin, cursor },
  ])
})

test('the script of another origin connects to that origin and resumes there, with leave', async () => {
  asked.length = 0
  const context = await browser.newContext()
  await record(context, ['trunkline:connected', 'trunkline:number'])
  const page = await context.newPage()
  await page.goto(pages.origin)
  await page.evaluate((src) => {
    const script = document.createElement('script')
    script.src = src
    document.head.append(script)
  }, `${streams.origin}/realtime/client.js`)
  await untilConnected(page)
  await publish(1)
  await untilRecorded(page, 'trunkline:number', 1)
  for (const missed of [2, 3]) {
    cut()
    await publish(missed)
    await untilRecorded(page, 'trunkline:number', missed)
  }
  expect(await detailsOf(page, 'trunkline:number')).toEqual([1, 2, 3])
  // The script, the stream, and the two that resume. To fetch() the header with the cursor is one that needs leave.
  const got = asked.filter(({ method }) => method === 'GET')
  expect(got.map(({ cursor }) => cursor !== undefined)).toEqual([false, false, true, true])
})

/** A page of one origin that follows a stream of the other. */
async function follow(): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(pages.origin)
  await page.evaluate(
    (url) =>
      new Promise((resolve) => {
        window.got = []
        const source = new EventSource(url)
        source.addEventListener('connected', resolve, { once: true })
        source.addEventListener('message', ({ data, lastEventId }: MessageEvent<string>) => {
          window.got.push({ number: (JSON.parse(data) as { readonly detail: number }).detail, cursor: lastEventId })
        })
      }),
    `${streams.origin}/realtime/sse`,
  )
  return page
}

declare global {
  interface Window {
    got: { readonly number: number; readonly cursor: string }[]
  }
}

async function publish(number: number): Promise<void> {
  await trunkline.publishGlobal({ type: 'number', detail: number })
}

/** As a proxy does that has had enough. */
function cut(): void {
  for (const request of open) request.destroy()
}

async function numbersOf(page: Page): Promise<readonly number[]> {
  return page.evaluate(() => window.got.map(({ number }) => number))
}

async function lastCursorOf(page: Page): Promise<string | undefined> {
  return page.evaluate(() => window.got.at(-1)?.cursor)
}
