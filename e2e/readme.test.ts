import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { freePort } from '../scripts/embedded-postgres/free-port.ts'
import { detailsOf, record } from './browser/recorder.ts'
import { launchBrowser } from './support/browser.ts'
import { createDeployment, type Deployment } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { type RunningProcess, startProcess } from './support/processes.ts'

const root = join(import.meta.dirname, '..')

let browser: Browser
let deployment: Deployment
let folder: string
let file: string

beforeAll(async () => {
  // The example says no schema: a database of its own keeps it away from everybody else's.
  ;[browser, deployment] = await Promise.all([launchBrowser(), createDeployment(inject('databaseUrl'), { database: true })])
  // In the workspace, where its imports are found.
  await mkdir(join(import.meta.dirname, '.data'), { recursive: true })
  folder = await mkdtemp(join(import.meta.dirname, '.data/readme-'))
  file = join(folder, 'server.ts')
  await writeFile(file, await firstExample())
})

afterAll(async () => {
  await browser?.close()
  await deployment?.[Symbol.asyncDispose]()
  if (folder !== undefined) await rm(folder, { recursive: true })
})

/** The block that README marks as the first example. */
async function firstExample(): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, ...blocks] = readme.split('<!-- first-example: server.ts -->')
  const block = /^\s*```ts\n([^]*?)^```$/m.exec(blocks[0] ?? '')?.[1]
  if (blocks.length !== 1 || block === undefined)
    throw new Error('README.md needs one block of ts after <!-- first-example: server.ts -->.')
  return block
}

test('the first example runs as printed, and its page shows what it publishes', async () => {
  await using first = await start(await freePort())
  const page = await open(first)
  const heading = page.locator('h1')
  await page.waitForFunction(() => document.querySelector('h1')?.textContent?.startsWith('Hello, it is '), undefined, {
    polling: 20,
  })
  const text = (await heading.textContent()) ?? ''
  expect(text).toMatch(/^Hello, it is \d+:\d\d:\d\d/)
  // And then the next one, without a reload.
  await page.waitForFunction((old) => document.querySelector('h1')?.textContent !== old, text, { polling: 20 })
  expect(first.process.output).toBe('')
})

test('the first example started twice, on two ports: both pages show what either process publishes', async () => {
  await using first = await start(await freePort())
  await using second = await start(await freePort())
  for (const site of [first, second]) {
    const page = await open(site)
    // Each process tells each second once: who hears a time twice hears both of them.
    await eventually('a time twice', async () => {
      const times = (await detailsOf(page, 'trunkline:greeting')).map((detail) => (detail as { text: string }).text)
      return times.length > new Set(times).size
    })
  }
})

test("the first example's page says its characters right", async () => {
  await using site = await start(await freePort())
  const page = await open(site)
  expect(await page.evaluate(() => document.characterSet)).toBe('UTF-8')
})

test('the first example compiles', async () => {
  const config = { extends: '../../../tsconfig.json', include: ['server.ts'], exclude: [] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', folder]).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toBe('')
})

interface Site extends AsyncDisposable {
  readonly origin: string
  readonly process: RunningProcess
}

async function start(port: number): Promise<Site> {
  const running = await startProcess(pathToFileURL(file), {
    env: { DATABASE_URL: deployment.url, PORT: String(port) },
    ready: null,
  })
  const origin = `http://localhost:${port}`
  const answers = eventually('an answer', () =>
    fetch(origin).then(
      (response) => response.ok,
      () => false,
    ),
  )
  const ended = running.exited.then(() => Promise.reject(new Error(`The example ended:\n${running.output}`)))
  ended.catch(() => {}) // it ends with every test
  await Promise.race([answers, ended])
  return { origin, process: running, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
}

async function open({ origin }: Site): Promise<Page> {
  const context = await browser.newContext()
  await record(context, ['trunkline:greeting'])
  const page = await context.newPage()
  await page.goto(origin)
  return page
}
