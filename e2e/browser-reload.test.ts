import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { expectAll, startCounting, untilCounted } from './browser/counting.ts'
import { detailsOf, recorded, recordOverReloads, untilConnected, untilRecorded } from './browser/recorder.ts'
import { fileOf, type Site, startSite } from './browser/site.ts'
import { roleOf, Tabs } from './browser/tabs.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'

const names = ['count']

let browser: Browser
let deployment: Deployment
let site: Site
let publisher: Site

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site, publisher] = await Promise.all([
    launchBrowser({ backForwardCache: true }),
    startSite(deployment),
    startSite(deployment),
  ])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([site, publisher].map((each) => each?.[Symbol.asyncDispose]()))
  await deployment?.[Symbol.asyncDispose]()
})

async function openTabs({ overReloads = true }: { readonly overReloads?: boolean } = {}): Promise<Tabs> {
  const tabs = await Tabs.open(browser, site, names)
  await tabs.signIn('ann')
  if (overReloads) await recordOverReloads(tabs.context)
  return tabs
}

test.each([
  ['one tab', [{}]],
  ['tabs that share', [{}, {}, { channels: ['red'] }]],
  ['a tab alone', [{ share: false }]],
] as const)('a reload misses nothing and repeats nothing: %s', async (_, options) => {
  await using tabs = await openTabs()
  for (const each of options) await tabs.add(each)
  await using counting = startCounting(publisher)
  for (let round = 0; round < 2; round++) {
    for (const page of tabs.all) {
      await untilCounted(page, 10)
      await page.reload()
    }
  }
  for (const page of tabs.all) await untilCounted(page, 10)
  await expectAll(tabs.all, await counting.stop())
})

test('neither does a way there and back', async () => {
  await using tabs = await openTabs()
  await tabs.add()
  await tabs.add({ share: false })
  await using counting = startCounting(publisher)
  for (const page of tabs.all) {
    await untilCounted(page, 10)
    await page.goto(site.origin + fileOf('elsewhere'))
  }
  await untilPublished(counting, 50)
  for (const page of tabs.all) {
    await page.goBack()
    await untilCounted(page, 10)
    await page.goForward()
    await page.goBack()
    await untilCounted(page, 10)
  }
  await expectAll(tabs.all, await counting.stop())
})

// A Chromium without windows keeps no page for going back to, whatever is in it; so what it says of one with a client is compared.
test('nothing of a page that shares keeps the browser from keeping it for going back to', async () => {
  await using tabs = await openTabs({ overReloads: false })
  const shared = await tabs.add()
  const empty = await tabs.context.newPage()
  await empty.goto(site.origin + fileOf('empty'))
  await tabs.add()
  expect(await hindrances(shared)).toEqual(await hindrances(empty))
})

/** Why a page was loaded again when the person went back to it; empty when it was not. */
async function hindrances(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page)
  const reasons: string[] = []
  session.on('Page.backForwardCacheNotUsed', ({ notRestoredExplanations }) =>
    reasons.push(...notRestoredExplanations.map(({ reason }) => reason)),
  )
  await session.send('Page.enable')
  await page.evaluate(() => (document.title = 'kept'))
  await page.goto(site.origin + fileOf('elsewhere'))
  await page.goBack({ waitUntil: 'commit' })
  if ((await page.title()) !== 'kept') await eventually('the reasons', () => reasons.length > 0)
  return reasons.toSorted()
}

test("the page's own cursor comes first: it is what the page shows", async () => {
  await using tabs = await openTabs({ overReloads: false })
  const page = await tabs.add({ cursor: await publisher.call('cursor') })
  await publish(0, 5)
  await untilRecorded(page, 'trunkline:count', 5)
  await page.reload()
  await untilRecorded(page, 'trunkline:count', 5)
  expect(await detailsOf(page, 'trunkline:count')).toEqual([0, 1, 2, 3, 4])
})

test.each([
  ['of another person', {}, (tabs: Tabs) => tabs.signIn('bob')],
  ['of another person, for a tab alone', { share: false }, (tabs: Tabs) => tabs.signIn('bob')],
  ['with keepPlace: false', { keepPlace: false }, () => {}],
] as const)('a place is not taken up %s', async (_, options, change) => {
  await using tabs = await openTabs({ overReloads: false })
  const page = await tabs.add(options)
  await publish(0, 1)
  await untilRecorded(page, 'trunkline:count')
  await page.goto(site.origin + fileOf('elsewhere'))
  await publish(1, 5)
  await change(tabs)
  await page.goBack()
  await untilConnected(page)
  await publish(5, 6)
  await untilRecorded(page, 'trunkline:count')
  expect(await detailsOf(page, 'trunkline:count')).toEqual([5])
})

test('a tab that is duplicated goes on from where the other was, and both have everything from there on', async () => {
  await using tabs = await openTabs({ overReloads: false })
  const page = await tabs.add()
  await publish(0, 5)
  await untilRecorded(page, 'trunkline:count', 5)
  await untilKept(page)
  await publish(5, 8)
  await untilRecorded(page, 'trunkline:count', 8)
  // As browsers do with a tab that is duplicated, it comes with a copy of the storage.
  const [copy] = await Promise.all([tabs.context.waitForEvent('page'), page.evaluate(() => void open(location.href))])
  await untilConnected(copy)
  await publish(8, 10)
  await expectAll([page], 10)
  await untilRecorded(copy, 'trunkline:count', 2)
  const numbers = (await detailsOf(copy, 'trunkline:count')) as number[]
  const [first = NaN] = numbers
  expect(first).toBeLessThanOrEqual(8)
  expect(numbers).toEqual(Array.from({ length: 10 - first }, (_, index) => first + index))
})

test('a tab that has crashed gets the events of its last second again, and misses none', async () => {
  await using tabs = await openTabs({ overReloads: false })
  const page = await tabs.add()
  await using counting = startCounting(publisher)
  await untilKept(page)
  await untilCounted(page, 50)
  const before = await detailsOf(page, 'trunkline:count')
  // playwright has no use for a page that has crashed; the protocol has.
  const session = await tabs.context.newCDPSession(page)
  await Tabs.crash(page)
  await session.send('Page.reload')
  const published = await counting.stop()
  const numbers = await eventually('the last number', async () => {
    const expression = `JSON.stringify((window.recorded ?? []).filter(([name]) => name.endsWith('count')).map(([, detail]) => +detail))`
    const { result } = await session.send('Runtime.evaluate', { expression })
    const found = JSON.parse(String(result.value)) as number[]
    return found.at(-1) === published - 1 && found
  })
  const [first = NaN] = numbers
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThanOrEqual(before.length)
  expect(numbers).toEqual(Array.from({ length: published - first }, (_, index) => first + index))
})

test('where nothing can be stored, pages connect all the same', async () => {
  await using tabs = await openTabs({ overReloads: false })
  const errors: unknown[] = []
  tabs.context.on('weberror', (error) => errors.push(error.error()))
  await tabs.context.addInitScript(() => {
    for (let length = 2 ** 22; length > 0; length = Math.floor(length / 2)) {
      try {
        sessionStorage.setItem(`full ${length}`, 'x'.repeat(length))
      } catch {
        // A smaller one may still find room.
      }
    }
  })
  const page = await tabs.add({ debug: true })
  const story: string[] = []
  page.on('console', (message) => story.push(message.text()))
  await publish(0, 1)
  await untilRecorded(page, 'trunkline:count')
  await expect.poll(() => story.some((line) => line.includes('place not kept')), { timeout: 5_000 }).toBe(true)
  await page.reload()
  await untilConnected(page)
  expect(await roleOf(page)).toBe('leader')
  expect(await recorded(page, 'trunkline:count')).toEqual([])
  expect(errors).toEqual([])
})

async function publish(from: number, to: number): Promise<void> {
  for (let detail = from; detail < to; detail++) await publisher.call('publishGlobal', { type: 'count', detail })
}

async function untilPublished(counting: { readonly published: number }, more: number): Promise<void> {
  const before = counting.published
  await expect.poll(() => counting.published).toBeGreaterThan(before + more)
}

async function untilKept(page: Page): Promise<void> {
  await page.waitForFunction(() => Object.keys(sessionStorage).some((key) => key.startsWith('trunkline ')), undefined, {
    polling: 20,
  })
}
