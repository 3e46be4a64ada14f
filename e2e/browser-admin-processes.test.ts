import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { nodeAdapter, toNodeHandler } from '@trunkline/adapter-node-http'
import { createAdmin } from '@trunkline/admin'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment, type Process } from './support/deployment.ts'
import { HttpStream } from './support/http-stream.ts'

let deployment: Deployment
let browser: Browser
const servers: Server[] = []
let adminUrl = ''
let streamUrls: readonly string[] = []

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  browser = await launchBrowser()
  const processes = [deployment.open(), deployment.open()] as const
  streamUrls = await Promise.all(processes.map(serveStreams))
  const admin = createAdmin(processes[0], { authorize: () => ({ actor: 'ada' }) })
  adminUrl = `${await listen(createServer(toNodeHandler(admin, { path: '/admin' })))}/admin`
})

afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await browser.close()
  await deployment[Symbol.asyncDispose]()
})

describe('in a browser', () => {
  test('one connection of two in another process is ended with a click, with and without JavaScript', async () => {
    for (const javaScriptEnabled of [true, false]) {
      await using one = await HttpStream.open(`${streamUrls[0]}?user=7`)
      await using two = await HttpStream.open(`${streamUrls[1]}?user=7`, { 'x-real-ip': '203.0.113.9' })
      await using context = await browser.newContext({ javaScriptEnabled })
      const page = await context.newPage()
      await page.goto(`${adminUrl}?page=connections`)
      await page.getByLabel('All connections of one user').fill('7')
      await page.getByRole('button', { name: 'Search' }).click()
      await page.getByText('2 connections').waitFor()
      await page.getByRole('row', { name: '203.0.113.9' }).getByRole('button', { name: 'Disconnect' }).click()
      await page.getByText('was told to end').waitFor()
      await two.until('the goodbye', () => two.goodbye !== undefined)
      expect([one.goodbye, two.goodbye]).toEqual([undefined, 'disconnected'])
    }
  })

  const looks: Readonly<Record<string, BrowserContextOptions>> = {
    light: { colorScheme: 'light' },
    dark: { colorScheme: 'dark' },
    'on a phone': { viewport: { width: 360, height: 740 } },
  }

  test.each(Object.entries(looks))('axe finds no fault and nothing is wider than the screen, %s', async (_name, look) => {
    await using stream = await HttpStream.open(`${streamUrls[1]}?user=${'x'.repeat(200)}&channel=${'y'.repeat(200)}`)
    // Its script is put into the page, which the policy of the page would refuse.
    await using context = await browser.newContext({ ...look, bypassCSP: true, reducedMotion: 'reduce' })
    const page = await context.newPage()
    for (const query of ['?page=connections', `?page=connections&user=${'x'.repeat(200)}`, '?page=health']) {
      await page.goto(adminUrl + query)
      expect(await faultsOf(page)).toEqual([])
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0)
    }
    expect(stream.goodbye).toBeUndefined()
  })

  test('both pages keep to their policy, and load nothing from elsewhere', async () => {
    await using context = await browser.newContext()
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('request', (request) => {
      if (!request.url().startsWith(adminUrl)) complaints.push(request.url())
    })
    await page.goto(`${adminUrl}?page=health`)
    await page.getByText('All is well').waitFor()
    await page.goto(`${adminUrl}?page=connections`)
    await page.getByRole('heading', { name: 'Connections' }).waitFor()
    expect(complaints).toEqual([])
  })
})

async function faultsOf(page: Page): Promise<readonly unknown[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations.map(({ id: rule, nodes }) => [rule, nodes.map(({ html }) => html)])
}

/** Anyone is who they say they are. */
function serveStreams(trunkline: Process): Promise<string> {
  const adapter = nodeAdapter(trunkline, {
    path: '/realtime',
    identify: ({ url = '', headers }) => {
      const address = headers['x-real-ip']
      const userId = new URL(url, 'http://localhost').searchParams.get('user')
      return { userId, ...(typeof address === 'string' ? { address } : {}) }
    },
  })
  return listen(createServer(adapter)).then((origin) => `${origin}/realtime/sse`)
}

async function listen(server: Server): Promise<string> {
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}` // not a pipe
}
