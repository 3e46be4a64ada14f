import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../browser.ts'

let browser: Browser
let origin: string
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end('<!doctype html><title>Trunk</title><span id="thin">iiii</span><br><span id="wide">WWWW</span>')
})

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/` // not a pipe
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  server.close()
})

test('shows a local page, in a real font', async () => {
  const page = await browser.newPage()
  await page.goto(origin)
  expect(await page.title()).toBe('Trunk')
  const width = async (id: string): Promise<number> => (await page.locator(id).boundingBox())?.width ?? 0
  expect(await width('#wide')).toBeGreaterThan(2 * (await width('#thin')))
  const picture = await page.screenshot()
  expect(picture.subarray(1, 4).toString()).toBe('PNG')
  await page.close()
})

test('has what the client builds on: Web Locks and BroadcastChannel between tabs', async () => {
  const context = await browser.newContext()
  const [first, second] = await Promise.all([context.newPage(), context.newPage()])
  await Promise.all([first.goto(origin), second.goto(origin)])
  await first.evaluate(() => {
    void navigator.locks.request('leader', () => new Promise(() => {}))
  })
  const mode = await second.evaluate(() => navigator.locks.request('leader', { ifAvailable: true }, (lock) => lock === null))
  expect(mode).toBe(true)

  const heard = second.evaluate(
    () =>
      new Promise((resolve) => {
        const channel = new BroadcastChannel('tabs')
        channel.addEventListener('message', (event) => resolve(event.data))
        channel.postMessage('listening')
      }),
  )
  await first.evaluate(() => {
    const channel = new BroadcastChannel('tabs')
    const timer = setInterval(() => channel.postMessage('hello'), 20)
    setTimeout(() => clearInterval(timer), 10_000)
  })
  expect(await heard).toBe('hello')
  await context.close()
})
