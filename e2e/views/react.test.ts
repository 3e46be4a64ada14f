import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { fileOf, type Site, startSite } from '../browser/site.ts'
import { launchBrowser } from '../support/browser.ts'
import { createDeployment, type Deployment } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { bundle } from './bundle.ts'
import type { Listening } from './fixtures/react-app.tsx'
import type { ReactPage } from './fixtures/react-page.tsx'

declare global {
  /** What the fixture leaves in its page. */
  var page: ReactPage
}

const a: Listening = { name: 'a', type: 'count', word: 'hears' }
const b: Listening = { name: 'b', type: 'count', word: 'hears' }
/** Whose tabs may share it, and the stream. */
const oneConnection = ['HEAD', 'GET']

let browser: Browser
let deployment: Deployment
let site: Site

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site] = await Promise.all([launchBrowser(), startSite(deployment)])
})

afterAll(async () => {
  await browser?.close()
  await site?.[Symbol.asyncDispose]()
  await deployment?.[Symbol.asyncDispose]()
})

describe.each([18, 19] as const)('with React %s in StrictMode', (major) => {
  let script: string

  beforeAll(async () => {
    script = await bundle(new URL('./fixtures/react-page.tsx', import.meta.url), major)
  })

  /** A page with the fixture in it. It ends with the test, which fails when the page has complained. */
  async function open(markup = ''): Promise<OpenPage> {
    const context = await browser.newContext()
    const complaints: string[] = []
    context.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
    context.on('weberror', (error) => complaints.push(String(error.error())))
    await context.route('**/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }))
    const asked: string[] = []
    context.on('request', (request) => request.url().includes('/sse') && asked.push(request.method()))
    const page = await context.newPage()
    const islands = `<div id="first">${markup}</div><div id="second">${markup}</div>`
    await page.goto(site.origin + fileOf(`<!doctype html>${islands}<script src="/app.js"></script>`))
    return {
      page,
      asked,
      async [Symbol.asyncDispose]() {
        await context.close()
        expect(complaints).toEqual([])
      },
    }
  }

  test('mounting twice opens one connection, and each component hears each event once', async () => {
    await using opened = await open()
    const { page, asked } = opened
    await page.evaluate((listening) => globalThis.page.show(listening), [a, b])
    await untilStatus(page, 'open')
    await publish(1, 2)
    await untilHeard(page, 4)
    expect(await heardBy(page)).toEqual(['a hears 1', 'b hears 1', 'a hears 2', 'b hears 2'])
    expect(asked).toEqual(oneConnection)
    await untilConnections(1)
  })

  test('the handler of the latest render is called, and rendering subscribes nobody anew', async () => {
    await using opened = await open()
    const { page, asked } = opened
    await page.evaluate((listening) => globalThis.page.show(listening), [a, b])
    await untilStatus(page, 'open')
    await page.evaluate((listening) => globalThis.page.show(listening), [{ ...a, word: 'understands' }, b])
    await publish(1)
    await untilHeard(page, 2)
    // Another type is another subscription, which comes after those there are.
    await page.evaluate((listening) => globalThis.page.show(listening), [{ ...a, type: '*' }, b])
    await publish(2)
    await untilHeard(page, 4)
    expect(await heardBy(page)).toEqual(['a understands 1', 'b hears 1', 'b hears 2', 'a hears 2'])
    expect(asked).toEqual(oneConnection)
  })

  test('the connection lasts while a component has one of the hooks', async () => {
    await using opened = await open()
    const { page, asked } = opened
    await page.evaluate((listening) => globalThis.page.show(listening), [a])
    await untilStatus(page, 'open')
    await page.evaluate(() => globalThis.page.show(null))
    await untilConnections(0)
    // A handler that ends later than its component keeps no connection.
    await page.evaluate(() => globalThis.page.use())
    await page.evaluate((listening) => globalThis.page.show(listening), [b])
    await untilStatus(page, 'open')
    await publish(1)
    await untilHeard(page, 1)
    expect(await heardBy(page)).toEqual(['b hears 1'])
    expect(asked).toEqual([...oneConnection, 'HEAD', ...oneConnection])
  })

  test('after close(), a tree that is mounted for another user connects anew', async () => {
    await using opened = await open()
    const { page, asked } = opened
    await page.evaluate((listening) => globalThis.page.show(listening, 'ann'), [a])
    await untilStatus(page, 'open')
    await page.getByRole('button').click()
    await untilStatus(page, 'stopped')
    const status = await page.evaluate(
      ([first, more]) => {
        globalThis.page.show(more, 'ann')
        globalThis.page.show(first, 'ann')
        return document.querySelector('[role=status]')?.textContent
      },
      [[a], [a, b]] as const,
    )
    expect(status).toBe('stopped') // who comes in addition does not have a server asked again
    await untilConnections(0)
    await page.evaluate((listening) => globalThis.page.show(listening, 'bob'), [b])
    await untilStatus(page, 'open')
    await publish(1)
    await untilHeard(page, 1)
    expect(await heardBy(page)).toEqual(['b hears 1'])
    expect(asked).toEqual([...oneConnection, ...oneConnection])
  })

  test('a server renders it without a connection, and a browser takes over what it rendered', async () => {
    const html = await renderOnServer(major)
    expect(html).toContain('<span role="status">connecting</span>')
    await using opened = await open(html)
    const { page, asked } = opened
    await page.evaluate((listening) => globalThis.page.hydrate('first', listening), [a])
    await untilStatus(page.locator('#first'), 'open')
    // What comes later than the connection is hydrated as it was rendered, too.
    await page.evaluate((listening) => globalThis.page.hydrate('second', listening), [b])
    await untilStatus(page.locator('#second'), 'open')
    await publish(1)
    await untilHeard(page, 2)
    expect(await heardBy(page)).toEqual(['a hears 1', 'b hears 1'])
    expect(asked).toEqual(oneConnection)
  })
})

interface OpenPage extends AsyncDisposable {
  readonly page: Page
  /** The methods of what it has asked of the stream's address. */
  readonly asked: readonly string[]
}

/** In a process without a window, in which whoever fetches is found out. */
async function renderOnServer(major: 18 | 19): Promise<string> {
  const code = await bundle(new URL('./fixtures/react-on-server.tsx', import.meta.url), major, {
    platform: 'node',
    format: 'esm',
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire('/');
      globalThis.fetch = () => { throw new Error('A server has connected.') }`,
    },
  })
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-react-'))
  const { fetch } = globalThis
  try {
    await writeFile(join(folder, 'server.mjs'), code)
    const { html } = (await import(pathToFileURL(join(folder, 'server.mjs')).href)) as { readonly html: string }
    return html
  } finally {
    globalThis.fetch = fetch
    await rm(folder, { recursive: true })
  }
}

async function publish(...counts: readonly number[]): Promise<void> {
  for (const detail of counts) await site.call('publishGlobal', { type: 'count', detail })
}

async function untilStatus(page: Page | Locator, status: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: status }).waitFor()
}

async function untilHeard(page: Page, count: number): Promise<void> {
  await page.waitForFunction((least) => globalThis.page.heard.length >= least, count, { polling: 20 })
}

function heardBy(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => globalThis.page.heard)
}

function untilConnections(count: number): Promise<unknown> {
  return eventually(`${count} connections`, async () => (await site.call('stats')).connections === count)
}
