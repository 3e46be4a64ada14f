import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'

import { freePort } from '../../scripts/embedded-postgres/free-port.ts'
import { record, untilConnected } from '../browser/recorder.ts'
import { type RunningProcess, startProcess } from '../support/processes.ts'

/** A server of the kind that examples and pages show: a page with a button, and a greeting for who presses it. */
export interface GreetingServer extends AsyncDisposable {
  readonly origin: string
  readonly process: RunningProcess
}

/** Starts one, with this database or in memory. It has started when it has printed where it is. */
export async function startGreeting(path: string, databaseUrl?: string): Promise<GreetingServer> {
  const port = await freePort()
  const running = await startProcess(pathToFileURL(path), {
    env: { DATABASE_URL: databaseUrl, PORT: String(port) },
    ready: new RegExp(`^http://localhost:${port}\n`, 'm'),
  })
  return {
    origin: `http://localhost:${port}`,
    process: running,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

/** A visitor's browser. It ends with the test's `await using`. */
export async function visitorOf(browser: Browser): Promise<BrowserContext & AsyncDisposable> {
  const context = await browser.newContext()
  await record(context, ['trunkline:connected', 'trunkline:greeting'])
  return context
}

/** Opens the page, and resolves when its stream is open. */
export async function openPage(context: BrowserContext, { origin }: GreetingServer): Promise<Page> {
  const page = await context.newPage()
  await page.goto(origin)
  await untilConnected(page)
  return page
}

/** Presses the button, and sees to it that the server took it. */
export async function press(page: Page): Promise<void> {
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.url().endsWith('/greet')),
    page.getByRole('button').click(),
  ])
  expect(response.status()).toBe(204)
}

/** What a page has been told so far, without the name of the framework. */
export async function greetingsOf(page: Page): Promise<number> {
  return page.evaluate(() => window.recorded.filter(([name]) => name === 'trunkline:greeting').length)
}

/** Resolves when the page shows what it was told. */
export async function untilGreeted(page: Page, text: string): Promise<void> {
  await page.locator('output').filter({ hasText: text }).waitFor()
}
