import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { expectAll, startCounting } from './browser/counting.ts'
import { record, untilConnected } from './browser/recorder.ts'
import { fileOf, type Site, startSite } from './browser/site.ts'
import { roleOf } from './browser/tabs.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'

const manualPage = fileOf('<!doctype html><script src="/realtime/client.js" data-connect="manual"></script>')

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

test('a token that expires all the time, and is fetched anew for each attempt, costs no event', async () => {
  const context = await browser.newContext()
  await record(context, ['trunkline:connected', 'trunkline:reset', 'trunkline:count'])
  const pages = await Promise.all(
    [{}, {}, { share: false as const }].map(async (options) => {
      const page = await context.newPage()
      await page.goto(site.origin + manualPage)
      await page.evaluate((given) => {
        globalThis.client = Trunkline.connect({
          ...given,
          headers: async () => {
            await fetch('/file?text=token')
            return { authorization: `Bearer ann ${Date.now() + 1_000}` }
          },
        })
      }, options)
      await untilConnected(page)
      return page
    }),
  )
  await using counting = startCounting(publisher, 200, 'ann')
  // The one that is alone sees each of its connections.
  await untilConnected(pages[2] as (typeof pages)[number], 4)
  await expectAll(pages, await counting.stop())
  expect(await Promise.all(pages.map(roleOf))).not.toContain('stopped')
  await context.close()
})
