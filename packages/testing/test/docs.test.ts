import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createHarness } from '@trunkline/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { realtime } from './example/shop.ts'

const root = join(import.meta.dirname, '../../..')
const testing = 'docs/testing.md'
const customStore = 'docs/custom-store.md'
const run = promisify(execFile)

let folder: string

beforeAll(async () => {
  // In the workspace, where the imports are found, and apart from what is linted and formatted.
  await mkdir(join(import.meta.dirname, '.data'), { recursive: true })
  folder = await mkdtemp(join(import.meta.dirname, '.data/docs-'))
})

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true })
})

interface Block {
  readonly label: string
  readonly code: string
}

/** The blocks of a page that a comment stands before: `<!-- file: path -->`, `<!-- run: … -->`. */
async function blocksOf(page: string): Promise<readonly Block[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/^<!-- (.+) -->\n\n```\w+\n([^]*?)^```$/gm)].map(([, label = '', code = '']) => ({ label, code }))
}

async function only(page: string, label: string): Promise<string> {
  const found = (await blocksOf(page)).filter((block) => block.label === label)
  if (found.length !== 1) throw new Error(`${page} needs one block after <!-- ${label} -->, and has ${found.length}.`)
  return found[0]?.code ?? ''
}

describe.each([
  { page: testing, files: ['example/shop.ts', 'example/shop.test.ts'] },
  {
    page: customStore,
    files: ['custom-store/sqlite-store.ts', 'custom-store/sqlite-notifier.ts', 'custom-store/sqlite.test.ts'],
  },
])('$page', ({ page, files }) => {
  test.each(files)('shows %s as it is', async (file) => {
    const path = `packages/testing/test/${file}`
    const content = await readFile(join(root, path), 'utf8')
    // In the file by their paths: as dependencies they would make a circle of packages, and no order to build them in.
    const printed = content.replaceAll(/'(?:\.\.\/){3}([\w-]+)\/src\/index\.ts'/g, "'@trunkline/$1'")
    expect(await only(page, `file: ${path}`)).toBe(printed)
  })

  test('shows no other file', async () => {
    const labels = (await blocksOf(page)).map(({ label }) => label)
    expect(labels.filter((label) => label.startsWith('file: '))).toHaveLength(files.length)
  })
})

test('what the pages have for node:test runs there, as printed', async () => {
  // No *.test.ts: one that a killed run left behind would be run by the next.
  await writeFile(join(folder, 'greeting.node.ts'), await only(testing, 'run: greeting.ts'))
  await writeFile(join(folder, 'sqlite.node.ts'), await only(customStore, 'run: sqlite-store.ts'))
  await copyFile(join(import.meta.dirname, 'custom-store/sqlite-store.ts'), join(folder, 'sqlite-store.ts'))
  const args = ['--conditions=@trunkline/source', '--test', '--test-reporter=tap', 'greeting.node.ts', 'sqlite.node.ts']
  // node:test leaves out what runs inside of itself, unless it is not told.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout } = await run(process.execPath, args, { cwd: folder, env }).catch((error: { stdout: string }) => error)
  expect(stdout).toMatch(/^# fail 0$/m)
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(50)
})

test('what the pages have for node:test, and the expectations, compile', async () => {
  await writeFile(join(folder, 'greeting.ts'), await only(testing, 'run: greeting.ts'))
  await writeFile(join(folder, 'sqlite-contract.ts'), await only(customStore, 'run: sqlite-store.ts'))
  await copyFile(join(import.meta.dirname, 'custom-store/sqlite-store.ts'), join(folder, 'sqlite-store.ts'))
  const prelude = `import type { Harness, HarnessClient } from '@trunkline/testing'
    interface Events {
      readonly order_placed: { readonly input: unknown; readonly detail: { readonly ':id': number; readonly total: number } }
      readonly nightly_report: { readonly input: unknown; readonly detail: {} }
    }
    declare const harness: Harness<Events>
    declare const client: HarnessClient<Events>\n`
  await writeFile(join(folder, 'expectations.ts'), prelude + (await only(testing, 'compiles')))
  const config = { extends: '../../../../../tsconfig.json', include: ['*.ts'], exclude: ['*.node.ts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [compiler, '-p', folder]).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})

test('the failure that the page shows is what is thrown', async () => {
  await using harness = await createHarness(realtime)
  const { trunkline } = harness
  const client = await harness.connect({ userId: 'bob' })
  const transaction = harness.transaction()
  await trunkline.publish({ userId: 'bob', type: 'order_placed', detail: { ':id': 1, total: 30 } })
  await trunkline.publish({ userId: 'ada', type: 'order_placed', detail: { ':id': 2, total: 20 } })
  await trunkline.publish({ userId: 'bob', type: 'order_placed', detail: { ':id': 3, total: 20 } }, { transaction })
  await transaction.rollback()
  const failed = client.expectEvent('order_placed', { total: 20 }, { within: 100 }).then(String, (error: Error) => error.message)
  expect(`${await failed}\n`).toBe(await only(testing, 'failure'))
})
