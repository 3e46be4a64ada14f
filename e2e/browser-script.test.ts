import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest'

import { detailsOf, record, untilConnected, untilRecorded } from './browser/recorder.ts'
import { fileOf, type Site, startSite } from './browser/site.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'

const script = '<script src="/realtime/client.js"></script>'

let browser: Browser
let deployment: Deployment
let site: Site
let context: BrowserContext
/** What the pages complained about. */
const complaints: string[] = []

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site] = await Promise.all([launchBrowser(), startSite(deployment)])
})

beforeEach(async () => {
  context = await browser.newContext()
  await record(context, ['trunkline:connected', 'trunkline:greeting', 'app:greeting', 'securitypolicyviolation'])
  context.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  context.on('weberror', (error) => complaints.push(String(error.error())))
})

afterEach(async () => {
  await context.close()
  await eventually('everybody gone', async () => (await site.call('stats')).connections === 0)
  expect(complaints.splice(0)).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await site?.[Symbol.asyncDispose]()
  await deployment?.[Symbol.asyncDispose]()
})

async function open(body: string, policy?: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(site.origin + fileOf(`<!doctype html><title>Script</title>${body}`, policy === undefined ? {} : { policy }))
  return page
}

async function connections(): Promise<number> {
  return (await site.call('stats')).connections
}

test('included twice, it connects once, and fires each event once', async () => {
  const page = await open(script + script)
  await untilConnected(page)
  // As htmx and Turbo do it: the tag is made anew, and the browser runs it again.
  await page.evaluate(async () => {
    const again = document.createElement('script')
    again.src = '/realtime/client.js'
    const loaded = new Promise((resolve) => again.addEventListener('load', resolve))
    document.body.append(again)
    await loaded
  })
  await site.call('publishGlobal', { type: 'greeting', detail: 1 })
  await site.call('publishGlobal', { type: 'greeting', detail: 2 })
  await untilRecorded(page, 'trunkline:greeting', 2)
  expect(await detailsOf(page, 'trunkline:greeting')).toEqual([1, 2])
  expect(await detailsOf(page, 'trunkline:connected')).toHaveLength(1)
  expect(await connections()).toBe(1)
})

test('a page that is left is forgotten, and one that is reloaded has one connection', async () => {
  const page = await open(script)
  await untilConnected(page)
  await page.reload()
  await untilConnected(page)
  await eventually('one connection', async () => (await connections()) === 1)
  await page.goto('about:blank')
  await eventually('none', async () => (await connections()) === 0)
})

test('works under a strict Content-Security-Policy', async () => {
  const listen = `addEventListener('trunkline:greeting', ({ detail }) => document.title = detail.text)`
  const page = await open(
    `${script}<script src="${fileOf(listen, { type: 'text/javascript' }).replaceAll('&', '&amp;')}"></script>`,
    "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  )
  await untilConnected(page)
  await site.call('publishGlobal', { type: 'greeting', detail: { text: 'Hello from a strict page' } })
  await untilRecorded(page, 'trunkline:greeting')
  expect(await page.title()).toBe('Hello from a strict page')
  expect(await detailsOf(page, 'securitypolicyviolation')).toEqual([])
})

test('the tag says where the page stands, and what is fired under which prefix', async () => {
  const cursor = await site.call('cursor')
  await site.call('publishGlobal', { type: 'greeting', detail: 'between the cursor and the page' })
  const page = await open(`<script src="/realtime/client.js" data-cursor="${cursor}" data-prefix="app"></script>`)
  await untilRecorded(page, 'app:greeting')
  expect(await detailsOf(page, 'app:greeting')).toEqual(['between the cursor and the page'])
  expect(await detailsOf(page, 'trunkline:greeting')).toEqual([])
})

test('connected by hand, the tag opens nothing until the page asks for it', async () => {
  const page = await open('<script src="/realtime/client.js" data-connect="manual"></script>')
  expect(await page.evaluate(() => globalThis.Trunkline.client)).toBe(null)
  expect(await connections()).toBe(0)
  const heard = page.evaluate(() =>
    globalThis.Trunkline.connect()
      .once('greeting')
      .then(({ detail }) => detail),
  )
  await untilConnected(page)
  await site.call('publishGlobal', { type: 'greeting', detail: 'by hand' })
  expect(await heard).toBe('by hand')
})
