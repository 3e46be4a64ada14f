import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { findingsInSideEffects } from '../check-packages/side-effects.ts'
import { findingsInMaps } from '../check-packages/source-maps.ts'

// A check that sees nothing passes as quietly as one that finds nothing.

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-package-'))
})

afterEach(() => rm(folder, { recursive: true }))

async function write(files: Readonly<Record<string, string | object>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
}

describe('source maps', () => {
  const map = { version: 3, mappings: 'AAAA' }

  test('are fine with sources beside them, or in them', async () => {
    await write({
      'src/a.ts': '',
      'dist/a.js': '',
      'dist/a.js.map': { ...map, sources: ['../src/a.ts'] },
      'dist/deep/b.js': '',
      'dist/deep/b.js.map': { ...map, sources: ['nowhere.ts'], sourcesContent: [''] },
    })
    expect(await findingsInMaps(folder)).toEqual([])
  })

  test('are missed, as are their sources', async () => {
    await write({
      'dist/a.js': '',
      'dist/b.js': '',
      'dist/b.js.map': { ...map, sources: ['../src/b.ts', '../src/c.ts'], sourcesContent: [null, ''] },
      'dist/c.js': '',
      'dist/c.js.map': { ...map, sources: [] },
    })
    expect((await findingsInMaps(folder)).toSorted()).toEqual([
      'dist/a.js has no source map beside it.',
      'dist/b.js.map has ../src/b.ts neither in it nor in the package.',
      'dist/c.js.map names no source.',
    ])
  })

  test('are missed where there is nothing at all', async () => {
    expect(await findingsInMaps(folder)).toEqual(['There is no source map at all.'])
  })
})

describe('side effects', () => {
  const manifest = {
    type: 'module',
    sideEffects: false,
    exports: { '.': { default: './a.js' }, './package.json': './package.json' },
  }

  test('of a module that only exports are none', async () => {
    await write({ 'package.json': manifest, 'a.js': 'export const a = 1' })
    expect(await findingsInSideEffects(folder)).toEqual([])
  })

  test('are seen in the global scope, in what does not load, and in the manifest', async () => {
    await write({ 'package.json': manifest, 'a.js': 'globalThis.trunkline = 1' })
    expect(await findingsInSideEffects(folder)).toEqual([expect.stringMatching(/a\.js leaves in the global scope: trunkline$/)])
    await write({ 'a.js': 'throw new Error("no")' })
    expect(await findingsInSideEffects(folder)).toEqual([expect.stringMatching(/^Importing it fails/)])
    await write({ 'package.json': { ...manifest, sideEffects: true } })
    expect(await findingsInSideEffects(folder)).toEqual(['sideEffects is true, and has to be false.'])
  })
})
