import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { freePort } from '../../scripts/embedded-postgres/free-port.ts'
import { launchBrowser } from '../support/browser.ts'
import { type RunningProcess, startProcess } from '../support/processes.ts'
import { blocksOf, root } from './blocks.ts'
import { createProject, type Project } from './project.ts'

let browser: Browser
let files: Project

beforeAll(async () => {
  ;[browser, files] = await Promise.all([launchBrowser(), createProject()])
  const blocks = await blocksOf('docs/quick-start.md')
  expect(blocks.map(({ name }) => name)).toEqual(['server.ts', 'database.ts', 'page.ts', 'events.d.ts'])
  for (const block of blocks) await files.write(block)
})

afterAll(async () => {
  await browser?.close()
  await files?.[Symbol.asyncDispose]()
})

interface Site extends AsyncDisposable {
  readonly origin: string
  readonly process: RunningProcess
}

async function serve(databaseUrl?: string): Promise<Site> {
  const port = await freePort()
  const running = await startProcess(pathToFileURL(join(files.folder, 'server.ts')), {
    env: { DATABASE_URL: databaseUrl, PORT: String(port) },
    ready: new RegExp(`^http://localhost:${port}\n`, 'm'),
  })
  return {
    origin: `http://localhost:${port}`,
    process: running,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

const progressOf = (page: Page): Promise<number> => page.locator('progress').evaluate((bar: HTMLProgressElement) => bar.value)

/** Somebody of whom we see a window of each site. */
async function visit(...sites: readonly Site[]): Promise<readonly Page[]> {
  const context = await browser.newContext()
  return Promise.all(
    sites.map(async ({ origin }) => {
      const page = await context.newPage()
      await page.goto(origin)
      await page.waitForFunction(() => globalThis.Trunkline.client?.state.status === 'open', undefined, { polling: 20 })
      return page
    }),
  )
}

async function done(page: Page | undefined): Promise<void> {
  await page?.waitForFunction(() => document.querySelector('progress')?.value === 100, undefined, { polling: 20 })
}

describe('what the quick start prints', () => {
  test('runs without a database: a task for its user, a greeting for the room', async () => {
    await using site = await serve()
    const [mine, other] = await visit(site, site)
    const [stranger] = await visit(site)
    await mine?.locator('#run').click()
    await Promise.all([done(mine), done(other)])
    await stranger?.locator('#say').click()
    for (const page of [mine, other, stranger]) await page?.locator('li').filter({ hasText: 'Hello from ' }).waitFor()
    expect(await progressOf(stranger as Page)).toBe(0)
    expect(await site.process.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(site.process.output).toBe(`${site.origin}\n`)
  })

  test('runs on the PostgreSQL it prints, in two processes', async () => {
    const port = String(await freePort())
    const url = `postgres://postgres:password@localhost:${port}/postgres`
    const ready = new RegExp(`^${url}\n`, 'm')
    const database = await startProcess(pathToFileURL(join(files.folder, 'database.ts')), { env: { PGPORT: port }, ready })
    try {
      await using first = await serve(url)
      await using second = await serve(url)
      const [here, there] = await visit(first, second)
      await here?.locator('#run').click()
      await done(there)
    } finally {
      await database.kill('SIGINT')
    }
  })

  test('compiles, with DOM events that are typed', async () => {
    await files.write({
      name: 'typed.ts',
      code: `
        addEventListener('trunkline:task_progress', ({ detail }) => detail.percent.toFixed())
        window.addEventListener('trunkline:task_progress:42', ({ detail }) => detail[':id'].trim())
        // @ts-expect-error -- no such thing in its detail
        addEventListener('trunkline:message', ({ detail }) => detail.percent)`,
    })
    expect(await files.compile('', {}, ['*.ts'])).toEqual([])
  })
})

test('what the quick start installs is what its file imports', async () => {
  const page = await readFile(join(root, 'docs/quick-start.md'), 'utf8')
  const [, installed = ''] = /^npm install (@trunkline\/core .*)$/m.exec(page) ?? []
  const [server] = await blocksOf('docs/quick-start.md')
  const imported = [...(server?.code ?? '').matchAll(/from '([^']+)'/g)].map(([, name = '']) => name)
  expect(installed.split(' ').toSorted()).toEqual(imported.filter((name) => !name.startsWith('node:')).toSorted())
})
