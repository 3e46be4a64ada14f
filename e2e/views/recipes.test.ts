import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { record, untilRecorded } from '../browser/recorder.ts'
import { fileOf, type Site, startSite } from '../browser/site.ts'
import { blocks } from '../frameworks/pages.ts'
import { createProject, type Project } from '../frameworks/project.ts'
import { launchBrowser } from '../support/browser.ts'
import { createDeployment, type Deployment } from '../support/deployment.ts'

declare global {
  /** What a recipe's component has been told, and its end. */
  var heard: unknown[]
  var end: () => void
}

let browser: Browser
let deployment: Deployment
let site: Site
let project: Project

beforeAll(async () => {
  deployment = await createDeployment(inject('databaseUrl'))
  ;[browser, site, project] = await Promise.all([launchBrowser(), startSite(deployment), createProject()])
  for (const block of await blocks('view', 'views')) await project.write(block)
  for (const [name, code] of Object.entries({ ...application, ...components })) await project.write({ name, code })
})

afterAll(async () => {
  await browser?.close()
  await site?.[Symbol.asyncDispose]()
  await project?.[Symbol.asyncDispose]()
  await deployment?.[Symbol.asyncDispose]()
})

test('the recipes for view libraries compile as printed', async () => {
  expect(await project.compile('', { experimentalDecorators: true })).toEqual([])
})

test('every recipe is run, or said not to be', async () => {
  const recipes = (await blocks('view', 'views')).map(({ name }) => name.replace(/\.tsx?$/, ''))
  const run = Object.keys(components).map((name) => name.replace(/-page\.tsx?$/, ''))
  expect(recipes.toSorted()).toEqual([...run, 'angular'].toSorted())
})

describe.each(['react', 'vue', 'svelte', 'solid', 'element'])('the recipe for %s', (name) => {
  test('shows what is published while its component is there, and how the connection is doing', async () => {
    await using context = await browser.newContext()
    await record(context, ['trunkline:connected', 'trunkline:task_progress'])
    const script = await bundle(`${name}-page`)
    await context.route('**/app.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }))
    const page = await context.newPage()
    await page.goto(site.origin + fileOf('<!doctype html><title></title><main></main><script src="/app.js"></script>'))
    await untilTitled(page, name === 'element' ? '' : 'open')
    await untilRecorded(page, 'trunkline:connected')
    for (const [task, percent] of [
      ['7', 40],
      ['8', 50],
      ['7', 90],
    ] as const)
      await tell(task, percent)
    await page.waitForFunction(() => globalThis.heard.at(-1) === 90, undefined, { polling: 20 })
    expect(await page.evaluate(() => globalThis.heard)).toEqual([40, 90])
    await page.evaluate(() => globalThis.end())
    // React's connection ends with its last component; the others' is the application's.
    if (name === 'react') return
    await tell('7', 100)
    await untilRecorded(page, 'trunkline:task_progress', 4)
    expect(await page.evaluate(() => globalThis.heard)).toEqual([40, 90])
  })
})

/** What an application brings. Angular is there as far as its recipe uses it. */
const application = {
  'events.ts': `
    import * as v from 'valibot'
    export const events = { task_progress: v.object({ ':id': v.string(), percent: v.number() }) }`,
  'stubs.d.ts': `
    declare var heard: unknown[]
    declare var end: () => void
    declare module '@angular/core' {
      export function Injectable(options: { readonly providedIn: 'root' }): (target: new () => object) => void
      export function signal<T>(initial: T): { (): T; set(value: T): void }
      export function inject<T>(token: abstract new () => T): T
      export abstract class DestroyRef { onDestroy(task: () => void): () => void }
    }`,
}

/** Components that use the recipes: each notes what it was told, and shows the state as the page's title. */
const components = {
  'react-page.tsx': `
    import { useEffect } from 'react'
    import { createRoot } from 'react-dom/client'
    import { Progress, useConnectionState } from './react'
    function Page() {
      const { status } = useConnectionState()
      useEffect(() => { document.title = status }, [status])
      return <Progress task="7" />
    }
    globalThis.heard = []
    const main = document.querySelector('main')!
    new MutationObserver(() => heard.push(main.querySelector('progress')?.value)).observe(main, { attributeFilter: ['value'], subtree: true })
    const root = createRoot(main)
    root.render(<Page />)
    globalThis.end = () => root.unmount()`,
  'vue-page.ts': `
    import { createApp, h, watchEffect } from 'vue'
    import { connection, useEvent } from './vue'
    globalThis.heard = []
    const app = createApp({
      setup() {
        useEvent('task_progress:7', (detail) => heard.push(detail.percent))
        watchEffect(() => { document.title = connection.value.status })
        return () => h('p')
      },
    })
    app.mount('main')
    globalThis.end = () => app.unmount()`,
  'svelte-page.ts': `
    import { client, connection } from './svelte'
    globalThis.heard = []
    globalThis.end = client.on('task_progress:7', (detail) => heard.push(detail.percent))
    connection.subscribe(({ status }) => { document.title = status })`,
  'solid-page.ts': `
    import { createRenderEffect, createRoot } from 'solid-js'
    import { connection, useEvent } from './solid'
    globalThis.heard = []
    globalThis.end = createRoot((dispose) => {
      useEvent('task_progress:7', (detail) => heard.push(detail.percent))
      createRenderEffect(() => { document.title = connection().status })
      return dispose
    })`,
  'element-page.ts': `
    import './element'
    globalThis.heard = []
    const main = document.querySelector('main')!
    main.innerHTML = '<task-progress task="7"></task-progress>'
    const element = main.firstElementChild!
    new MutationObserver(() => heard.push(parseInt(element.textContent!))).observe(element, { childList: true })
    globalThis.end = () => element.remove()`,
}

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(project.folder, name)],
    bundle: true,
    write: false,
    jsx: 'automatic',
    conditions: ['@trunkline/source'],
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfigRaw: {},
  })
  return outputFiles[0]?.text ?? ''
}

async function tell(task: string, percent: number): Promise<void> {
  await site.call('publishGlobal', { type: 'task_progress', detail: { ':id': task, percent } })
}

async function untilTitled(page: Page, title: string): Promise<void> {
  await page.waitForFunction((wanted) => document.title === wanted, title, { polling: 20 })
}
