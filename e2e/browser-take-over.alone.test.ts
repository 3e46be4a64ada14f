import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { expectAll, startCounting, untilCounted } from './browser/counting.ts'
import { detailsOf, untilRecorded } from './browser/recorder.ts'
import { type Site, startSite } from './browser/site.ts'
import { Tabs } from './browser/tabs.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'

let browser: Browser
let deployment: Deployment
let site: Site
let publisher: Site

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site, publisher] = await Promise.all([launchBrowser(), startSite(deployment), startSite(deployment)])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([site, publisher].map((each) => each?.[Symbol.asyncDispose]()))
  await deployment?.[Symbol.asyncDispose]()
})

declare global {
  interface Window {
    /** The longest time between two numbers so far, in milliseconds. */
    longestGapMs: number
  }
}

// The heartbeat is the default, 15 s: it is the lock that tells of a crash.
test("twelve tabs under 200 events a second: when the leader's renderer is killed, no tab waits for a second", async () => {
  await using tabs = await Tabs.open(browser, site, ['count', 'said', 'private'])
  await tabs.context.addInitScript(() => {
    let last = Infinity
    window.longestGapMs = 0
    addEventListener('trunkline:count', () => {
      window.longestGapMs = Math.max(window.longestGapMs, performance.now() - last)
      last = performance.now()
    })
  })
  await tabs.signIn('ann')
  for (let tab = 0; tab < 9; tab++) await tabs.add()
  await tabs.add({ channels: ['red'] })
  await tabs.add({ channels: ['blue'] })
  const anns = [...tabs.all]
  await tabs.signIn('bob')
  const bob = await tabs.add()
  await tabs.signIn('ann')
  await expect.poll(async () => (await site.call('stats')).connections, { timeout: 20_000 }).toBe(2)

  tabs.all.splice(0, Infinity, ...anns)
  await using counting = startCounting(publisher, 200)
  const gaps: number[] = []
  for (let kill = 0; kill < 2; kill++) {
    const leader = await tabs.leader()
    await untilCounted(leader, 200)
    tabs.drop(leader)
    for (const page of tabs.all) await page.evaluate(() => (window.longestGapMs = 0))
    await Tabs.crash(leader)
    await untilCounted(await tabs.leader(), 200)
    gaps.push(...(await Promise.all(tabs.all.map((page) => page.evaluate(() => window.longestGapMs)))))
  }
  for (const channel of ['red', 'blue']) await publisher.call('publishToChannel', { channel, type: 'said', detail: channel })
  for (const userId of ['ann', 'bob']) await publisher.call('publish', { userId, type: 'private', detail: userId })
  const published = await counting.stop()
  await expectAll([...tabs.all, bob], published)
  // What was said after the last number may still be on its way.
  for (const page of tabs.all) await untilRecorded(page, 'trunkline:private')
  await untilRecorded(bob, 'trunkline:private')
  for (const page of tabs.all) expect(await detailsOf(page, 'trunkline:private')).toEqual(['ann'])
  expect(await detailsOf(bob, 'trunkline:private')).toEqual(['bob'])
  expect(await saidTo(tabs.all)).toEqual(['blue', 'red'])
  await expect.poll(async () => (await site.call('stats')).connections, { timeout: 20_000 }).toBe(2)
  console.log(
    `The longest gaps in time of ${gaps.length} followers: ${gaps
      .map(Math.round)
      .toSorted((a, b) => b - a)
      .slice(0, 5)
      .join(', ')} ms`,
  )
  expect(Math.max(...gaps)).toBeLessThan(1_000)
}, 60_000)

/** What the tabs that have channels heard in them, all together. */
async function saidTo(pages: readonly Page[]): Promise<readonly unknown[]> {
  return (await Promise.all(pages.map((page) => detailsOf(page, 'trunkline:said')))).flat().map(String).toSorted()
}
