import { platform } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { expectAll, startCounting, untilCounted } from './browser/counting.ts'
import { rendererOf } from './browser/renderer.ts'
import { untilRecorded } from './browser/recorder.ts'
import { type Site, startSite } from './browser/site.ts'
import { roleOf, Tabs } from './browser/tabs.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { startProxy } from './support/tcp-proxy.ts'

const perSecond = 50

let browser: Browser
let deployment: Deployment
/** Speaks every 15 s, as servers do that nobody told otherwise. */
let site: Site
/** Speaks more often. */
let restless: Site
let publisher: Site

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site, restless, publisher] = await Promise.all([
    launchBrowser(),
    startSite(deployment),
    startSite(deployment, { heartbeatMs: 400 }),
    startSite(deployment),
  ])
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([site, restless, publisher].map((each) => each?.[Symbol.asyncDispose]()))
  await deployment?.[Symbol.asyncDispose]()
})

/** Tabs of one person, at a site or by way of a proxy before it: three that share, and one alone. */
async function openTabs(user: string, at: Site, origin = at.origin): Promise<Tabs> {
  const tabs = await Tabs.open(browser, at, ['count'])
  await tabs.signIn(user)
  for (const options of [{}, {}, {}, { share: false as const }]) await tabs.add(options, origin)
  return tabs
}

function untilAllCounted(tabs: Tabs, more = 20): Promise<unknown> {
  return Promise.all(tabs.all.map((page) => untilCounted(page, more)))
}

// All at once: most of their time they wait. Each writes to a person of its own.
describe.concurrent('nothing is lost, nothing comes twice, and everything is in order', () => {
  test.each([1, 10, 40])(
    'when the network is away for %i s, both ways',
    async (seconds) => {
      await using proxy = await startProxy({ target: site })
      await using tabs = await openTabs(`away-${seconds}`, site, `http://127.0.0.1:${proxy.port}`)
      await using counting = startCounting(publisher, perSecond, `away-${seconds}`)
      await untilAllCounted(tabs)
      proxy.hold(true)
      await sleep(seconds * 1_000)
      proxy.hold(false)
      const missed = counting.published
      await Promise.all(tabs.all.map((page) => untilRecorded(page, 'trunkline:count', missed)))
      await untilAllCounted(tabs)
      await expectAll(tabs.all, await counting.stop())
    },
    90_000,
  )

  test('when the server is killed and started again', async () => {
    let killed = await startSite(deployment)
    try {
      await using tabs = await openTabs('killed', killed)
      await using counting = startCounting(publisher, perSecond, 'killed')
      for (let kill = 0; kill < 2; kill++) {
        await untilAllCounted(tabs)
        await killed.kill()
        const before = counting.published
        await eventually('numbers while it is away', () => counting.published > before + 20)
        killed = await startSite(deployment, { port: killed.port })
      }
      await untilAllCounted(tabs)
      await expectAll(tabs.all, await counting.stop())
      expect((await killed.call('stats')).connections).toBe(2)
    } finally {
      await killed[Symbol.asyncDispose]()
    }
  }, 60_000)

  // As a laptop that sleeps does to all, and a browser to a page that nobody looks at: its timers, its locks and its sockets stand still.
  test.skipIf(platform() === 'win32')(
    "when a leader's renderer is stopped, and goes on when another one leads",
    async () => {
      await using tabs = await openTabs('stopped', restless)
      await using counting = startCounting(publisher, perSecond, 'stopped')
      await untilAllCounted(tabs)
      const [stopped, ...others] = tabs.all as [Page, ...Page[]]
      expect(await roleOf(stopped)).toBe('leader')
      const renderer = await rendererOf(browser, stopped)
      process.kill(renderer, 'SIGSTOP')
      try {
        await Promise.all(others.map((page) => untilCounted(page, 50)))
      } finally {
        process.kill(renderer, 'SIGCONT')
      }
      await untilAllCounted(tabs)
      await eventually('it follows', async () => (await roleOf(stopped)) === 'follower')
      await expectAll(tabs.all, await counting.stop())
    },
    60_000,
  )
})
