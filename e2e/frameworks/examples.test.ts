import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { launchBrowser } from '../support/browser.ts'
import { createDeployment, type Deployment } from '../support/deployment.ts'
import { eventually } from '../support/eventually.ts'
import { isAlive } from '../support/is-alive.ts'
import { greetingsOf, openPage, press, startGreeting, untilGreeted, visitorOf } from './greeting.ts'

const root = join(import.meta.dirname, '../..')

let browser: Browser
let deployment: Deployment

beforeAll(async () => {
  // The examples say no schema: a database of its own keeps them away from everybody else's.
  ;[browser, deployment] = await Promise.all([launchBrowser(), createDeployment(inject('databaseUrl'), { database: true })])
})

afterAll(async () => {
  await browser?.close()
  await deployment?.[Symbol.asyncDispose]()
})

describe.each([
  { name: 'hono', greeting: 'Hello from Hono' },
  { name: 'koa', greeting: 'Hello from Koa' },
  { name: 'express', greeting: 'Hello from Express' },
  { name: 'fetch', greeting: 'Hello from fetch' },
])('examples/$name', ({ name, greeting }) => {
  const path = join(root, 'examples', name, 'server.ts')

  test('without a database, a button greets who presses it, and nobody else', async () => {
    await using server = await startGreeting(path)
    await using ada = await visitorOf(browser)
    await using bob = await visitorOf(browser)
    const pages = await Promise.all([ada, ada, bob].map((visitor) => openPage(visitor, server)))
    const [tab, otherTab, another] = pages as [Page, Page, Page] // as many as were opened
    await press(tab)
    await untilGreeted(tab, greeting)
    await untilGreeted(otherTab, greeting)
    // The log has one order: had the first greeting been for this visitor too, it would have come before this one.
    await press(another)
    await untilGreeted(another, greeting)
    expect(await Promise.all(pages.map(greetingsOf))).toEqual([1, 1, 1])
    expect(server.process.output).toBe(`${server.origin}\n`)
  })

  test('on PostgreSQL, a button pressed at one process greets at the other', async () => {
    await using one = await startGreeting(path, deployment.url)
    await using other = await startGreeting(path, deployment.url)
    await using visitor = await visitorOf(browser)
    const page = await openPage(visitor, one)
    // Cookies know no ports: it is the same visitor there.
    const elsewhere = await openPage(visitor, other)
    await press(page)
    await untilGreeted(elsewhere, greeting)
    await untilGreeted(page, greeting)
  })

  test('SIGTERM ends it at once, with a page open', async () => {
    await using server = await startGreeting(path, deployment.url)
    await using visitor = await visitorOf(browser)
    await openPage(visitor, server)
    const exit = server.process.kill('SIGTERM')
    // Left to itself, the browser keeps its idle connections for up to half a minute.
    await eventually('its end', () => !isAlive(server.process.pid), 5_000)
    expect(await exit).toEqual({ code: 0, signal: null })
  })

  test('is one source file of at most 40 lines', async () => {
    expect((await readFile(path, 'utf8')).split('\n').length - 1).toBeLessThanOrEqual(40)
  })
})
