import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { type Firefox, hasFirefox, launchFirefox } from './clients/support/firefox.ts'
import type { PageLike } from './clients/support/pages.ts'
import { startCounting } from './browser/counting.ts'
import { fileOf, type Site, startSite } from './browser/site.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'

// It notes what came in the tab, over reloads. Firefox decides before `pagehide` whether it keeps a page for going back to, and keeps none
// that holds a lock or has a request open: who comes back gets a page that is loaded again.
const page = fileOf(`<!doctype html>
<script>
  recorded = JSON.parse(sessionStorage.recorded ?? '[]')
  addEventListener('trunkline:count', ({ detail }) => recorded.push(detail))
  addEventListener('pagehide', () => (sessionStorage.recorded = JSON.stringify(recorded)))
</script>
<script src="/realtime/client.js"></script>`)

// playwright-core drives only a Firefox of its own making, which is on no machine here; Debian's speaks WebDriver BiDi.
describe.skipIf(!hasFirefox)('in Firefox (needs firefox-esr)', () => {
  let firefox: Firefox
  let deployment: Deployment
  let site: Site
  let publisher: Site

  beforeAll(async () => {
    deployment = await createDeployment(inject('databaseUrl'))
    ;[firefox, site, publisher] = await Promise.all([launchFirefox(), startSite(deployment), startSite(deployment)])
  })

  afterAll(async () => {
    await firefox?.[Symbol.asyncDispose]()
    await Promise.all([site, publisher].map((each) => each?.[Symbol.asyncDispose]()))
    await deployment?.[Symbol.asyncDispose]()
  })

  const roleOf = (tab: PageLike): Promise<string> => tab.evaluate('Trunkline.client.state.role ?? Trunkline.client.state.status')
  const countOf = async (tab: PageLike): Promise<number> => Number(await tab.evaluate('String(recorded.length)'))

  async function untilCounted(tab: PageLike, more: number): Promise<void> {
    const before = await countOf(tab)
    await eventually('more numbers', async () => (await countOf(tab)) >= before + more)
  }

  test('tabs share one connection; when one closes, reloads, or comes back, none misses or repeats anything, hidden or not', async () => {
    const tabs: PageLike[] = []
    for (let tab = 0; tab < 4; tab++) {
      const opened = await firefox.newPage()
      await opened.goto(`http://localhost:${site.port}${page}`)
      await eventually('it is connected', async () => (await roleOf(opened)) === (tab === 0 ? 'leader' : 'follower'))
      tabs.push(opened)
    }
    expect((await site.call('stats')).connections).toBe(1)

    // The last one that was opened is looked at. A Chromium without windows hides none.
    const visibilities = await Promise.all(tabs.map((tab) => tab.evaluate('document.visibilityState')))
    expect(visibilities).toEqual(['hidden', 'hidden', 'hidden', 'visible'])
    await using counting = startCounting(publisher, 100)
    const [leader, ...others] = tabs as [PageLike, ...PageLike[]]
    await untilCounted(leader, 10)
    await leader[Symbol.asyncDispose]()
    for (const tab of others) await untilCounted(tab, 10)
    for (const tab of others) {
      await tab.reload()
      await untilCounted(tab, 10)
    }
    const [gone] = others as [PageLike]
    await gone.goto(`http://localhost:${site.port}${fileOf('elsewhere')}`)
    const before = counting.published
    await eventually('numbers that it misses', () => counting.published > before + 20)
    await gone.back()
    await eventually('the page is back', async () => (await gone.evaluate('typeof recorded')) === 'object')
    await untilCounted(gone, 10)

    const published = await counting.stop()
    for (const tab of others) {
      await eventually('the last number', async () => (await countOf(tab)) >= published)
      expect(JSON.parse(await tab.evaluate('JSON.stringify(recorded)'))).toEqual(
        Array.from({ length: published }, (_, number) => number),
      )
    }
    expect((await Promise.all(others.map(roleOf))).toSorted()).toEqual(['follower', 'follower', 'leader'])
  }, 60_000)
})
