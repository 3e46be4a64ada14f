import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { join, say, textsIn, untilSaid, untilStatus } from './browser/chat-room.ts'
import { freePair } from './browser/free-pair.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { type RunningProcess, startProcess } from './support/processes.ts'

let browser: Browser
let deployment: Deployment

beforeAll(async () => {
  ;[browser, deployment] = await Promise.all([launchBrowser(), createDeployment(inject('databaseUrl'), { database: true })])
})

afterAll(async () => {
  await browser?.close()
  await deployment?.[Symbol.asyncDispose]()
})

/** The demo, as `pnpm demo` starts it, and the URLs that it prints. */
async function startDemo(port: number): Promise<RunningProcess & { readonly urls: readonly string[] }> {
  const demo = await startProcess(new URL('../scripts/demo.ts', import.meta.url), {
    env: { DATABASE_URL: deployment.url, PORT: String(port) },
    ready: /Ctrl-C ends everything/,
  })
  return Object.assign(demo, { urls: demo.output.match(/http:\S+/g) ?? [] })
}

test('the demo does in a browser what it says one should try', async () => {
  const port = await freePair()
  await using first = await startDemo(port)
  expect(first.urls).toEqual([`http://localhost:${port}`, `http://localhost:${port + 1}`])
  const [here = '', there = ''] = first.urls
  const ann = await join(await browser.newContext(), here, 'Ann')
  const bob = await join(await browser.newContext(), there, 'Bob')

  await say(ann, 'Hello from one process')
  await untilSaid(bob, 'Hello from one process')
  await ann.getByRole('button', { name: 'Run a long task' }).click()
  await ann.getByRole('progressbar').waitFor()
  await say(bob, 'Hello from the other')
  await untilSaid(ann, 'Hello from the other')
  expect(await bob.getByRole('progressbar').count()).toBe(0)

  expect(await first.interrupt()).toEqual({ code: 0, signal: null })
  await Promise.all([ann, bob].map((page) => untilStatus(page, 'Reconnecting')))
  await using second = await startDemo(port)
  expect(second.urls).toEqual(first.urls)
  await Promise.all([ann, bob].map((page) => untilStatus(page, 'Connected')))
  await say(bob, 'Here again')
  await untilSaid(ann, 'Here again')
  const said = ['Hello from one process', 'Hello from the other', 'Here again']
  expect([await textsIn(ann), await textsIn(bob)]).toEqual([said, said])
}, 60_000)
