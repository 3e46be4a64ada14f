import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const pages = ['*.md', 'docs/*.md', 'packages/*/README.md', 'examples/*/README.md'].flatMap((pattern) => globSync(pattern))

test('every error code is explained in docs/errors.md, and no other', () => {
  const [, union = ''] = readFileSync('packages/core/src/errors.ts', 'utf8').split('export type ErrorCode =')
  const codes = [...union.slice(0, union.indexOf('/**')).matchAll(/\| '(\w+)'/g)].map(([, code]) => code)
  const explained = readFileSync('docs/errors.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, code]) => code))
  expect(codes.length).toBeGreaterThan(20)
  expect(new Set(explained)).toEqual(new Set(codes))
})

test('every refusal that a client may get is in docs/errors.md, with its status', () => {
  const source = globSync('packages/core/src/http/*.ts')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const said = [
    ...source.matchAll(/refuse\((\d{3}), '(\w+)'/g),
    // The table of what connect throws: the status stands behind the code.
    ...[...source.matchAll(/^ {2}(\w+): \[(\d{3}), '/gm)].map(([line, code, status]) => [line, status, code]),
  ].map(([, status, code]) => `${status} ${code}`)
  const explained = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| (\d{3}) +\| `(\w+)`/gm)].map(
    ([, status, code]) => `${status} ${code}`,
  )
  expect(said.length).toBeGreaterThan(10)
  expect(new Set(explained)).toEqual(new Set(said))
})

test('every link of the documentation leads to a file', () => {
  const links = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, target = '']) => ({ page, target })),
  )
  expect(links.length).toBeGreaterThan(10)
  expect(links.filter(({ page, target }) => !existsSync(join(dirname(page), target)))).toEqual([])
})

test('every test that docs/delivery.md names is there', () => {
  const named = [...readFileSync('docs/delivery.md', 'utf8').matchAll(/`((?:e2e|packages\/\w[\w-]*\/test)\/[\w.-]+)`/g)].map(
    ([, path]) => path,
  )
  expect(named.length).toBeGreaterThan(15)
  expect(named.filter((path) => !existsSync(`${path}.test.ts`))).toEqual([])
})

test('every folder on the map of ARCHITECTURE.md is there', () => {
  const map = readFileSync('ARCHITECTURE.md', 'utf8').split('```')[1] ?? ''
  const folders = [...map.matchAll(/^(\S+) {2,}/gm)].map(([, folder = '']) => folder)
  expect(folders.length).toBeGreaterThan(8)
  expect(folders.filter((folder) => !existsSync(folder))).toEqual([])
  // Files and folders of core that the text names.
  const named = [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/`([a-z-]+\.ts)`/g)].map(([, file]) => file)
  const known = new Set(globSync('packages/core/src/**/*.ts').map((file) => file.replace(/.*\//, '')))
  expect(named.filter((file) => file !== undefined && !known.has(file))).toEqual([])
})
