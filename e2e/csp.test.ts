import { scriptTag } from '@trunkline/client/script'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'

import { detailsOf, record, untilConnected, untilRecorded } from './browser/recorder.ts'
import { fileOf, type Site, startSite } from './browser/site.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'

// With the characters of base64 that an attribute and a policy have to carry as they are.
const nonce = 'r4nd0m+/nonce=='
const src = '/realtime/client.js'
const listener = `<script nonce="${nonce}">addEventListener('trunkline:greeting', ({ detail }) => { document.title = detail })</script>`

let browser: Browser
let deployment: Deployment
let site: Site
let context: BrowserContext

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site] = await Promise.all([launchBrowser(), startSite(deployment)])
})

beforeEach(async () => {
  context = await browser.newContext()
  await record(context, ['trunkline:connected', 'trunkline:greeting', 'securitypolicyviolation'])
})

afterEach(() => context.close())

afterAll(async () => {
  await browser?.close()
  await site?.[Symbol.asyncDispose]()
  await deployment?.[Symbol.asyncDispose]()
})

async function open(body: string, policy: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(site.origin + fileOf(`<!doctype html><title>Waiting</title>${body}`, { policy }))
  return page
}

async function bundleModule(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'esm',
    minify: true,
    conditions: ['@trunkline/source'],
  })
  return outputFiles[0]?.text ?? ''
}

describe.each([
  { kind: 'nonces', policy: `default-src 'self'; script-src 'nonce-${nonce}'` },
  {
    kind: 'nonces, strict-dynamic and trusted types',
    policy: `default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
  },
])('under a Content-Security-Policy of $kind', ({ policy }) => {
  test('the tag with its nonce loads, connects and fires events', async () => {
    const page = await open(scriptTag({ src, nonce }) + listener, policy)
    await untilConnected(page)
    await site.call('publishGlobal', { type: 'greeting', detail: 'Hello under a policy' })
    await untilRecorded(page, 'trunkline:greeting')
    expect(await page.title()).toBe('Hello under a policy')
    expect(await detailsOf(page, 'securitypolicyviolation')).toEqual([])
  })

  test('the tag carries its settings, and what came before the page is caught up', async () => {
    const cursor = await site.call('cursor')
    await site.call('publishGlobal', { type: 'greeting', detail: 'before the page' })
    const page = await open(scriptTag({ src, nonce, cursor }) + listener, policy)
    await untilRecorded(page, 'trunkline:greeting')
    expect(await detailsOf(page, 'trunkline:greeting')).toEqual(['before the page'])
    expect(await detailsOf(page, 'securitypolicyviolation')).toEqual([])
  })

  test('client.js runs as a module, too', async () => {
    const page = await open(`<script type="module" nonce="${nonce}" src="${src}"></script>${listener}`, policy)
    await untilConnected(page)
    await site.call('publishGlobal', { type: 'greeting', detail: 'Hello from a module' })
    await untilRecorded(page, 'trunkline:greeting')
    expect(await page.title()).toBe('Hello from a module')
    expect(await detailsOf(page, 'securitypolicyviolation')).toEqual([])
  })

  test('the package runs as a module of a bundler', async () => {
    const body = await bundleModule(`
      import { connect } from '@trunkline/client'
      connect().on('greeting', (detail) => { document.title = detail })`)
    await context.route('**/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body }))
    const page = await open(`<script type="module" nonce="${nonce}" src="/app.js"></script>`, policy)
    await untilConnected(page)
    await site.call('publishGlobal', { type: 'greeting', detail: 'Hello from a bundle' })
    await untilRecorded(page, 'trunkline:greeting')
    expect(await page.title()).toBe('Hello from a bundle')
    expect(await detailsOf(page, 'securitypolicyviolation')).toEqual([])
  })

  test.each([
    { what: 'without a nonce', other: {} },
    { what: "with another page's nonce", other: { nonce: 'another' } },
  ])('the tag $what does not load', async ({ other }) => {
    const page = await open(scriptTag({ src, ...other }), policy)
    await untilRecorded(page, 'securitypolicyviolation')
    expect(await page.evaluate(() => 'Trunkline' in globalThis)).toBe(false)
  })
})

test("a policy that leaves out connect-src and 'self' refuses the stream, not the script", async () => {
  const page = await open(scriptTag({ src, nonce }), `default-src 'none'; script-src 'nonce-${nonce}'`)
  await untilRecorded(page, 'securitypolicyviolation')
  expect(await page.evaluate(() => globalThis.Trunkline.client?.state.status)).not.toBe('open')
  await context.close()
  await eventually('nobody there', async () => (await site.call('stats')).connections === 0)
})
