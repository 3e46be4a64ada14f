import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'

import { detailsOf, record, recorded, untilConnected, untilRecorded } from './browser/recorder.ts'
import { fileOf, scriptPage, type Site, startSite } from './browser/site.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'

const ids = ['42', 'seven', 'Ä:7']
const names = ['connected', 'greeting', 'secret', 'page_imported', 'end', ...ids.map((id) => `page_imported:${id}`)]

let browser: Browser
let deployment: Deployment
let a: Site
let b: Site

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, a, b] = await Promise.all([launchBrowser(), startSite(deployment), startSite(deployment)])
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
})

afterAll(async () => {
  await browser?.close()
  await Promise.all([a, b].map((site) => site?.[Symbol.asyncDispose]()))
  await deployment?.[Symbol.asyncDispose]()
})

/** A person's browser. Cookies know no ports: it is the same person at both processes. */
async function contextOf(user: string | null): Promise<BrowserContext> {
  const context = await browser.newContext()
  await record(
    context,
    names.map((name) => `trunkline:${name}`),
  )
  if (user !== null) await context.addCookies([{ name: 'user', value: user, url: a.origin }])
  return context
}

async function open(context: BrowserContext, site: Site, path = scriptPage): Promise<Page> {
  const page = await context.newPage()
  await page.goto(site.origin + path)
  await untilConnected(page)
  return page
}

test('what is published at one process appears in a page of another, without a reload', async () => {
  const page = await open(await contextOf(null), b)
  const loaded = await page.evaluate(() => performance.timeOrigin)
  await a.call('publishGlobal', { type: 'greeting', detail: { text: 'from A' } })
  await untilRecorded(page, 'trunkline:greeting')
  expect(await detailsOf(page, 'trunkline:greeting')).toEqual([{ text: 'from A' }])
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded)
})

test('an event for a user reaches both tabs of that user, wherever they are, and no page of anybody else', async () => {
  const [ann, bob, anonymous] = await Promise.all([contextOf('ann'), contextOf('bob'), contextOf(null)])
  const own = await Promise.all([open(ann, a), open(ann, b)])
  const others = await Promise.all([open(bob, a), open(bob, b), open(anonymous, a), open(anonymous, b)])
  await a.call('publish', { userId: 'ann', type: 'secret', detail: 'for Ann, from A' })
  await b.call('publish', { userId: 'ann', type: 'secret', detail: 'for Ann, from B' })
  await a.call('publishGlobal', { type: 'end' })

  const pages = [...own, ...others]
  await Promise.all(pages.map((page) => untilRecorded(page, 'trunkline:end')))
  const secrets = await Promise.all(pages.map((page) => detailsOf(page, 'trunkline:secret')))
  const both = ['for Ann, from A', 'for Ann, from B']
  expect(secrets).toEqual([both, both, [], [], [], []])
})

test('an event for a user that was published before a page opened reaches the pages of that user, and of nobody else', async () => {
  const cursor = await a.call('cursor')
  await a.call('publish', { userId: 'ann', type: 'secret', detail: 'for Ann' })
  await a.call('publishGlobal', { type: 'end' })
  const path = fileOf(`<!doctype html><title>Late</title><script src="/realtime/client.js" data-cursor="${cursor}"></script>`)
  const [ann, bob, anonymous] = await Promise.all([contextOf('ann'), contextOf('bob'), contextOf(null)])
  const pages = await Promise.all([ann, bob, anonymous].flatMap((context) => [open(context, a, path), open(context, b, path)]))
  await Promise.all(pages.map((page) => untilRecorded(page, 'trunkline:end')))
  const secrets = await Promise.all(pages.map((page) => detailsOf(page, 'trunkline:secret')))
  expect(secrets).toEqual([['for Ann'], ['for Ann'], [], [], [], []])
})

test('an event with an entity id fires its type, then its type with the id, with exactly the detail that was published', async () => {
  const page = await open(await contextOf(null), b)
  const details = [
    { ':id': 42, z: 1, a: [null, true, 1e21, { 'é 🐘': 'line\nbreak\r\u2028' }], '': '' },
    { status: 'ok', ':id': 'seven' },
    { ':id': 'Ä:7' },
    { ':id': { no: 'id' } },
    { status: 'none' },
    null,
  ]
  for (const detail of details) await a.call('publishGlobal', { type: 'page_imported', detail })
  await a.call('publishGlobal', { type: 'end' })
  await untilRecorded(page, 'trunkline:end')

  const expected = details.flatMap((detail, index) => {
    const json = JSON.stringify(detail)
    const keys = index < ids.length ? ['page_imported', `page_imported:${ids[index]}`] : ['page_imported']
    return keys.map((key) => [`trunkline:${key}`, json])
  })
  expect((await recorded(page)).filter(([name]) => name.includes('page_imported'))).toEqual(expected)
})
