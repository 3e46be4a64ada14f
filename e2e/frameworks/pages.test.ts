import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { launchBrowser } from '../support/browser.ts'
import { openPage, press, startGreeting, untilGreeted, visitorOf } from './greeting.ts'
import { type Block, blocks, pages, root } from './pages.ts'
import { createProject, type Project } from './project.ts'

let project: Project

beforeAll(async () => {
  project = await createProject()
})

afterAll(() => project?.[Symbol.asyncDispose]())

describe('docs/frameworks', () => {
  test('shows the examples as they are, each of them once', async () => {
    const shown = await blocks('file')
    for (const { name, code } of shown) expect(code).toBe(await readFile(join(root, name), 'utf8'))
    const examples = ['hono', 'koa', 'express', 'fetch'].map((name) => `examples/${name}/server.ts`)
    expect(shown.map(({ name }) => name).toSorted()).toEqual(examples.toSorted())
  })

  test.each([
    { page: 'fastify', greeting: 'Hello from Fastify' },
    { page: 'node-http', greeting: 'Hello from node:http' },
  ])('what $page shows runs as printed, and greets who presses its button', async ({ page, greeting }) => {
    await using browser = await launchBrowser()
    await using server = await startGreeting(await project.write(await only('run', page), page))
    await using visitor = await visitorOf(browser)
    const tab = await openPage(visitor, server)
    await press(tab)
    await untilGreeted(tab, greeting)
    expect(await server.process.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  test.each(['fastify', 'node-http'])('what %s shows compiles', async (page) => {
    await project.write(await only('run', page), `types-${page}`)
    expect(await project.compile(`types-${page}`)).toEqual([])
  })
})

describe.each([
  { page: 'nextjs', kind: 'next', browser: 'app/progress.tsx' },
  { page: 'sveltekit', kind: 'kit', browser: 'src/routes/+page.svelte.ts' },
])('the recipe of $page', ({ page, kind, browser }) => {
  beforeAll(async () => {
    for (const block of await blocks(kind, page)) await project.write(componentOf(block), page)
    for (const [name, code] of Object.entries(application)) await project.write({ name, code }, page)
  })

  test('compiles', async () => {
    expect(await project.compile(page, { noUnusedLocals: false })).toEqual([]) // a component's markup, left out, uses what it declares
  })

  test('keeps the server, its driver and its types out of the type check of a browser', async () => {
    const options = { types: [], listFiles: true, noUnusedLocals: false }
    const lines = await project.compile(page, options, [browser, 'stubs.d.ts'])
    expect(lines.filter((line) => line.includes('error TS'))).toEqual([])
    const files = lines.filter(
      (line) => line.includes('/events.ts') || /packages\/(client|postgres|adapter)|@types\/node/.test(line),
    )
    expect(files).toContain(join(project.folder, page, browser.startsWith('src') ? 'src/lib/events.ts' : 'events.ts'))
    expect(files.filter((file) => /packages\/(postgres|adapter)|@types\/node/.test(file))).toEqual([])
  })
})

test('every page about a framework has a block that is tested', async () => {
  const tested = await Promise.all(['file', 'run', 'next', 'kit', 'view'].map((kind) => blocks(kind)))
  expect(new Set(tested.flat().map(({ page }) => page))).toEqual(new Set(await pages()))
})

/** What the frameworks and the application bring, as far as the recipes use it. */
const application = {
  'stubs.d.ts': `
    declare module 'svelte' {
      export function onMount(run: () => () => void): void
    }
    declare function $props(): { data: { cursor: string; percent: number } }
    declare function $state<T>(initial: T): T
    declare module '$app/server' {
      export function getRequestEvent(): { readonly locals: { readonly user?: { readonly id: string } } }
    }`,
  'session.ts': 'export const userOf = async (_: Request) => null as { id: string } | null',
  'tasks.ts': 'export const percentOf = async (task: string) => task.length',
  'src/lib/server/tasks.ts': 'export const percentOf = async (task: string) => task.length',
}

/** Of a Svelte component the script, which is TypeScript. */
function componentOf({ name, code }: Block): Pick<Block, 'name' | 'code'> {
  const script = /<script lang="ts">([^]*)<\/script>/.exec(code)?.[1]
  return script === undefined ? { name, code } : { name: `${name}.ts`, code: script }
}

async function only(kind: string, page: string): Promise<Block> {
  const [block, ...others] = await blocks(kind, page)
  if (block === undefined || others.length > 0) throw new Error(`docs/frameworks/${page}.md needs one block to ${kind}.`)
  return block
}
