import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { expectAll, startCounting, untilCounted } from './browser/counting.ts'
import { detailsOf, recorded, untilRecorded } from './browser/recorder.ts'
import { type Site, startSite } from './browser/site.ts'
import { roleOf, Tabs } from './browser/tabs.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'

const heartbeatMs = 400
const names = ['count', 'said', 'private', 'end']

let browser: Browser
let deployment: Deployment
let site: Site
let publisher: Site

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site, publisher] = await Promise.all([
    launchBrowser(),
    startSite(deployment, { heartbeatMs }),
    startSite(deployment),
  ])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([site, publisher].map((each) => each?.[Symbol.asyncDispose]()))
  await deployment?.[Symbol.asyncDispose]()
})

/** That a client has gone the server may notice when it next says something. */
const noticed = { timeout: 10_000 }

async function connections(): Promise<number> {
  return (await site.call('stats')).connections
}

/** And nothing is on its way any more. */
async function expectEverything(tabs: Tabs, published: number): Promise<void> {
  await publisher.call('publishGlobal', { type: 'end' })
  for (const page of tabs.all) await untilRecorded(page, 'trunkline:end')
  await expectAll(tabs.all, published)
}

test('twelve tabs on HTTP/1.1 share one connection per user, and each gets what is its own', async () => {
  await using tabs = await Tabs.open(browser, site, names)
  await tabs.signIn('ann')
  for (let tab = 0; tab < 9; tab++) await tabs.add()
  const red = await tabs.add({ channels: ['red'] })
  const blue = await tabs.add({ channels: ['blue'] })
  // The channels of a tab that has just come are asked for a moment later.
  await publisher.call('publishToChannel', { channel: 'blue', type: 'count' })
  await untilRecorded(blue, 'trunkline:count')
  await tabs.signIn('bob')
  const other = await tabs.add()
  await expect.poll(connections, noticed).toBe(2)

  for (const channel of ['red', 'blue', 'green'])
    await publisher.call('publishToChannel', { channel, type: 'said', detail: channel })
  for (const userId of ['ann', 'bob']) await publisher.call('publish', { userId, type: 'private', detail: userId })
  await publisher.call('publishGlobal', { type: 'end' })
  for (const page of tabs.all) {
    await untilRecorded(page, 'trunkline:end')
    expect(await detailsOf(page, 'trunkline:said')).toEqual(page === red ? ['red'] : page === blue ? ['blue'] : [])
    expect(await detailsOf(page, 'trunkline:private')).toEqual([page === other ? 'bob' : 'ann'])
  }
})

test.each([
  ['is closed', (page: Page) => page.close()],
  ['goes elsewhere', (page: Page) => page.goto('about:blank')],
  ['crashes', (page: Page) => Tabs.crash(page)],
])('when the tab that leads %s, another one does, and nobody misses or repeats an event', async (_, end) => {
  await using tabs = await Tabs.open(browser, site, names)
  await tabs.signIn('ann')
  for (let tab = 0; tab < 4; tab++) await tabs.add()
  await using counting = startCounting(publisher)
  for (let round = 0; round < 2; round++) {
    const leader = await tabs.leader()
    await untilCounted(leader, 20)
    tabs.drop(leader)
    await end(leader)
    await untilCounted(await tabs.leader(), 20)
  }
  await expectEverything(tabs, await counting.stop())
  await expect.poll(connections, noticed).toBe(1)
})

test('a leader that hangs is replaced after its heartbeats, and goes on as a follower', async () => {
  await using tabs = await Tabs.open(browser, site, names)
  await tabs.signIn('ann')
  const hanging = await tabs.add()
  for (let tab = 0; tab < 2; tab++) await tabs.add()
  expect(await tabs.leader()).toBe(hanging)
  await using counting = startCounting(publisher)
  await untilCounted(hanging, 20)
  const hung = hanging.evaluate(() => {
    for (const end = Date.now() + 4_000; Date.now() < end;);
  })
  tabs.drop(hanging)
  await untilCounted(await tabs.leader(), 20)
  await hung
  tabs.all.push(hanging)
  await expect.poll(() => roleOf(hanging)).toBe('follower')
  await expectEverything(tabs, await counting.stop())
  await expect.poll(connections, noticed).toBe(1)
})

test('a tab that comes with the place of its page gets what came after it, and the others nothing twice', async () => {
  await using tabs = await Tabs.open(browser, site, names)
  await tabs.signIn('ann')
  await tabs.add()
  const cursor = await publisher.call('cursor')
  for (let detail = 0; detail < 10; detail++) await publisher.call('publishGlobal', { type: 'count', detail })
  await untilRecorded(tabs.all[0] as Page, 'trunkline:count', 10)
  await tabs.add({ cursor })
  await expectEverything(tabs, 10)
  await expect.poll(connections, noticed).toBe(1)
})

test('channels may change, for one tab alone', async () => {
  await using tabs = await Tabs.open(browser, site, names)
  await tabs.signIn('ann')
  await tabs.add({ channels: ['red'] })
  const changing = await tabs.add({ channels: ['blue'] })
  await changing.evaluate(() => client.setChannels(['green']))
  await expect
    .poll(async () => {
      for (const channel of ['red', 'blue', 'green'])
        await publisher.call('publishToChannel', { channel, type: 'said', detail: channel })
      return [...new Set(await detailsOf(changing, 'trunkline:said'))]
    })
    .toContain('green')
  expect(new Set(await detailsOf(tabs.all[0] as Page, 'trunkline:said'))).toEqual(new Set(['red']))
})

test('a channel that one tab may not read, or one too many, leaves the other tabs their events', async () => {
  await using tabs = await Tabs.open(browser, site, names)
  await tabs.signIn('ann')
  const first = await tabs.add({ channels: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] })
  const many = await tabs.add({ channels: ['i', 'j', 'k'] })
  expect([await roleOf(first), await roleOf(many)]).toEqual(['leader', 'alone'])
  const context = first.context()
  const forbidden = await context.newPage()
  await forbidden.goto(first.url().replace('%5B%22a%22', '%5B%22closed%22%2C%22a%22'))
  await expect.poll(() => roleOf(forbidden)).toBe('stopped')
  await expectEverything(tabs, 0)
})

test('who is signed in as somebody else gets nothing more in the pages of the first', async () => {
  await using tabs = await Tabs.open(browser, site, names)
  await tabs.signIn('ann')
  for (let tab = 0; tab < 2; tab++) await tabs.add()
  await tabs.signIn('bob')
  await publisher.call('disconnect', { userId: 'ann' })
  for (const page of tabs.all) await expect.poll(() => roleOf(page), { timeout: 15_000 }).toBe('stopped')
  await tabs.add()
  for (const userId of ['ann', 'bob']) await publisher.call('publish', { userId, type: 'private', detail: userId })
  await untilRecorded(tabs.all[2] as Page, 'trunkline:private')
  expect(await detailsOf(tabs.all[2] as Page, 'trunkline:private')).toEqual(['bob'])
  for (const page of tabs.all.slice(0, 2)) expect(await recorded(page, 'trunkline:private')).toEqual([])
})
