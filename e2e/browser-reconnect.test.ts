import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { detailsOf, record, recorded, untilConnected, untilRecorded } from './browser/recorder.ts'
import { scriptPage, type Site, startSite } from './browser/site.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { startProxy } from './support/tcp-proxy.ts'

let browser: Browser
let deployment: Deployment
let a: Site
let b: Site

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, a, b] = await Promise.all([launchBrowser(), startSite(deployment), startSite(deployment)])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([a, b].map((site) => site?.[Symbol.asyncDispose]()))
  await deployment?.[Symbol.asyncDispose]()
})

declare global {
  interface Window {
    /** How far the page's clock is ahead of when it was opened. */
    sleptMs: number
  }
}

async function newPage(url: string): Promise<Page> {
  const context = await browser.newContext()
  await context.addInitScript(() => {
    const { now } = Date
    window.sleptMs = 0
    Date.now = () => now() + window.sleptMs
  })
  await record(context, ['trunkline:connected', 'trunkline:reset', 'trunkline:count'])
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** Publishes 0, 1, 2, … at the process that stays, until it is stopped. */
function startCounting(): { readonly published: number; stop(): Promise<void> } {
  let published = 0
  const over = new AbortController()
  async function count(): Promise<void> {
    while (!over.signal.aborted) {
      await b.call('publishGlobal', { type: 'count', detail: published })
      published++
      await sleep(5)
    }
  }
  const done = count()
  return {
    get published() {
      return published
    },
    stop() {
      over.abort()
      return done
    },
  }
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, number) => number)
}

test('a server process that is killed and started again loses no event for its pages, and repeats none', async () => {
  const page = await newPage(a.origin + scriptPage)
  await untilConnected(page)
  const counting = startCounting()
  for (let kill = 1; kill <= 3; kill++) {
    const before = counting.published
    await eventually('events before the kill', () => counting.published > before + 20)
    await a.kill()
    await eventually('events while it is away', () => counting.published > before + 60)
    a = await startSite(deployment, { port: a.port })
    await untilConnected(page, kill + 1)
  }
  await counting.stop()
  await untilRecorded(page, 'trunkline:count', counting.published)
  expect(await detailsOf(page, 'trunkline:count')).toEqual(upTo(counting.published))
  expect(await recorded(page, 'trunkline:reset')).toEqual([])
  await page.context().close()
}, 60_000)

test('a laptop that has slept through the death of its connection gets what happened meanwhile when it wakes', async () => {
  await using proxy = await startProxy({ target: a })
  const page = await newPage(`http://127.0.0.1:${proxy.port}${scriptPage}`)
  await untilConnected(page)
  await publish(0, 1)
  await untilRecorded(page, 'trunkline:count')
  // Nothing arrives any more, and nobody is told that the connection is gone.
  proxy.swallow(true)
  await publish(1, 50)
  await page.evaluate(() => {
    window.sleptMs = 3_600_000
    window.dispatchEvent(new Event('online'))
  })
  await page.waitForFunction(() => Trunkline.client?.state.status === 'connecting', undefined, { polling: 20 })
  proxy.killAll()
  proxy.swallow(false)
  await untilConnected(page, 2)
  await untilRecorded(page, 'trunkline:count', 50)
  expect(await detailsOf(page, 'trunkline:count')).toEqual(upTo(50))
  await page.context().close()
})

async function publish(from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) await b.call('publishGlobal', { type: 'count', detail: number })
}
