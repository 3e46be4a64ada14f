import { execFile } from 'node:child_process'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { freePort } from '../../scripts/embedded-postgres/free-port.ts'
import { launchBrowser } from '../support/browser.ts'
import { createDeployment, type Deployment } from '../support/deployment.ts'
import { startProcess } from '../support/processes.ts'

const example = join(import.meta.dirname, '../../examples/react')
const vite = new URL('bin/vite.js', import.meta.resolve('vite/package.json'))

let browser: Browser
let deployment: Deployment

beforeAll(async () => {
  // As a person builds it: a test's NODE_ENV would choose the React for development.
  const { NODE_ENV: _, ...env } = process.env
  const built = promisify(execFile)(process.execPath, [fileURLToPath(vite), 'build', '--sourcemap', '--logLevel', 'warn'], {
    cwd: example,
    env,
  })
  // The example says no schema: a database of its own keeps it away from everybody else's.
  ;[browser, deployment] = await Promise.all([
    launchBrowser(),
    createDeployment(inject('databaseUrl'), { database: true }),
    built,
  ])
})

afterAll(async () => {
  await browser?.close()
  await deployment?.[Symbol.asyncDispose]()
})

test('what Vite has built of examples/react has the client in it, and nothing of the server', async () => {
  const sources: string[] = []
  for await (const path of glob('dist/assets/*.js.map', { cwd: example })) {
    const map = JSON.parse(await readFile(join(example, path), 'utf8')) as { readonly sources: readonly string[] }
    sources.push(...map.sources)
  }
  const ours = sources.filter((path) => !path.includes('node_modules'))
  expect(ours.filter((path) => path.endsWith('packages/client/src/react/create-hooks.ts'))).toHaveLength(1)
  expect(ours.filter((path) => !/packages\/client\/src\/|^\.\.\/\.\.\/browser\//.test(path))).toEqual([])
  const theirs = new Set(sources.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))
  expect([...theirs].toSorted()).toEqual(['eventsource-parser', 'react', 'react-dom', 'scheduler'])
})

describe('examples/react', () => {
  test('shows reports in all tabs of a person and nowhere else, over one connection, and catches up after an outage', async () => {
    const [port, otherPort] = await Promise.all([freePort(), freePort()])
    await using one = await startServer(port)
    await using other = await startServer(otherPort)
    await using ann = await visit(one.origin)
    await using bob = await visit(one.origin)
    const first = await ann.open()
    await untilStatus(first, 'Live')
    const second = await ann.open()
    await untilStatus(second, 'Live, through another tab')
    const stranger = await bob.open()
    await untilStatus(stranger, 'Live')

    await first.getByRole('button').click()
    for (const page of [first, second]) await untilReady(page, 1)
    expect(ann.streams).toHaveLength(1)

    await one.process.kill()
    for (const page of [first, second]) await untilStatus(page, 'No connection. What you miss will be caught up.')
    await second.getByRole('button').click()
    await second.getByRole('alert').filter({ hasText: 'The server does not answer.' }).waitFor()
    // Meanwhile, at another process: cookies know no ports.
    await first.request.post(`${other.origin}/api/reports`, { data: { title: 'Meanwhile' } })
    await using again = await startServer(port)
    for (const page of [first, second]) {
      await untilStatus(page, 'Live')
      await untilReady(page, 2)
      expect(await page.getByRole('listitem').first().textContent()).toBe('MeanwhileReady')
    }
    expect(await stranger.getByRole('listitem').count()).toBe(0)
    expect([one, other, again].map(({ process, origin }) => process.output.replace(origin, ''))).toEqual(['\n', '\n', '\n'])
    expect(complaintsBut(/net::ERR_/, ann, bob)).toEqual([])
  })

  test("runs in Vite's development server, where StrictMode mounts everything twice", async () => {
    const [port, vitePort] = await Promise.all([freePort(), freePort()])
    await using server = await startServer(port)
    await using pages = await startProcess(vite, {
      args: [example, '--port', String(vitePort), '--strictPort'],
      env: { PORT: String(port), NO_COLOR: '1', NODE_ENV: undefined },
      ready: /Local:/,
    })
    await using ann = await visit(`http://localhost:${vitePort}`)
    const page = await ann.open()
    await untilStatus(page, 'Live')
    await page.getByRole('button').click()
    await untilReady(page, 1)
    expect(await page.getByRole('listitem').count()).toBe(1)
    expect(ann.streams).toHaveLength(1)
    expect(complaintsBut(null, ann)).toEqual([])
    expect([server.process, pages].map(({ output }) => /error|warn/i.exec(output))).toEqual([null, null])
  })
})

interface Visitor extends AsyncDisposable {
  readonly context: BrowserContext
  /** What the pages have asked for streams. */
  readonly streams: readonly string[]
  readonly complaints: readonly string[]
  open(): Promise<Page>
}

async function visit(origin: string): Promise<Visitor> {
  const context = await browser.newContext()
  const streams: string[] = []
  const complaints: string[] = []
  context.on('request', (request) => {
    if (request.method() === 'GET' && request.url().includes('/realtime/sse')) streams.push(request.url())
  })
  context.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
  context.on('weberror', (error) => complaints.push(String(error.error())))
  return {
    context,
    streams,
    complaints,
    async open() {
      const page = await context.newPage()
      await page.goto(origin)
      return page
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** What pages complained about, but for what they say about an outage that was meant. */
function complaintsBut(meant: RegExp | null, ...visitors: readonly Visitor[]): readonly string[] {
  return visitors.flatMap(({ complaints }) => complaints).filter((complaint) => meant === null || !meant.test(complaint))
}

async function startServer(port: number) {
  const origin = `http://localhost:${port}`
  const process = await startProcess(pathToFileURL(join(example, 'server/server.ts')), {
    env: { DATABASE_URL: deployment.url, PORT: String(port) },
    ready: new RegExp(`^${origin}\n`, 'm'),
  })
  return { origin, process, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() }
}

async function untilStatus(page: Page, words: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: words }).waitFor()
}

/** Resolves when so many reports are ready. */
async function untilReady(page: Page, count: number): Promise<void> {
  await page
    .getByText('Ready', { exact: true })
    .nth(count - 1)
    .waitFor()
}
