import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// A linter that checks nothing passes as quietly as one that finds nothing. So the project's own configuration is run here on files
// that break each boundary, in a folder that mirrors the project.

const root = resolve(import.meta.dirname, '../..')

interface Boundary {
  readonly folder: string
  readonly forbidden: readonly string[]
  readonly allowed: readonly string[]
}

const boundaries: readonly Boundary[] = [
  {
    folder: 'packages/core/src',
    forbidden: [
      `import { readFile } from 'node:fs/promises'`,
      `import { EventEmitter } from 'events'`,
      `import type { Hono } from 'hono'`,
      `import Koa from 'koa'`,
      `import postgres from 'postgres'`,
      `import { sql } from 'kysely'`,
      `import express from 'express'`,
      `import pg from 'pg'`,
      `import { trunklineScript } from '@trunkline/client/script'`,
      `import { storeContract } from '@trunkline/testing'`,
      `import { migrate } from '../../postgres/src/migrate.ts'`,
      `export * from 'zod'`,
      `const load = () => import('node:crypto')`,
    ],
    allowed: [
      `import * as v from 'valibot'`,
      `import type { StandardSchemaV1 } from '@standard-schema/spec'`,
      `import { TrunklineError } from './errors.ts'`,
      `import { TrunklineError } from '../errors.ts'`,
    ],
  },
  {
    folder: 'packages/client/src',
    forbidden: [
      `import { TrunklineError } from '@trunkline/core'`,
      `export { TrunklineError } from '@trunkline/core'`,
      `import { createHttp } from '@trunkline/core/http'`,
      `import { setTimeout } from 'node:timers/promises'`,
      `import * as v from 'valibot'`,
      `import { TrunklineError } from '../../core/src/errors.ts'`,
      `import { useEffect } from 'react'`,
    ],
    allowed: [
      `import type { TrunklineEvent } from '@trunkline/core'`,
      `export type { TrunklineEvent } from '@trunkline/core'`,
      `import { createParser } from 'eventsource-parser'`,
      `import { EventSourceParserStream } from 'eventsource-parser/stream'`,
      `import { createBackoff } from './backoff.ts'`,
    ],
  },
  {
    folder: 'packages/client/src/react',
    forbidden: [
      `import { TrunklineError } from '@trunkline/core'`,
      `import { createRoot } from 'react-dom/client'`,
      `import { createParser } from 'eventsource-parser'`,
    ],
    allowed: [
      `import type { TrunklineEvent } from '@trunkline/core'`,
      `import { useEffect } from 'react'`,
      `import { connect } from '../connect.ts'`,
    ],
  },
  {
    folder: 'packages/postgres/src',
    forbidden: [
      `import { nodeAdapter } from '@trunkline/adapter-node-http'`,
      `import { connect } from '@trunkline/client'`,
      `import { createHttp } from '@trunkline/core/http'`,
      `import { storeContract } from '@trunkline/testing'`,
      `import pg from 'pg'`,
    ],
    allowed: [
      `import type { Store } from '@trunkline/core'`,
      `import postgres from 'postgres'`,
      `import { sql } from 'kysely'`,
      `import * as v from 'valibot'`,
      `import { randomUUID } from 'node:crypto'`,
    ],
  },
  {
    folder: 'packages/testing/src',
    forbidden: [
      `import { nodeAdapter } from '@trunkline/adapter-node-http'`,
      `import { connect } from '@trunkline/client'`,
      `import { postgres } from '@trunkline/postgres'`,
      `import { expect } from 'vitest'`,
    ],
    allowed: [
      `import type { Store } from '@trunkline/core'`,
      `import { createParser } from 'eventsource-parser'`,
      `import { strictEqual } from 'node:assert'`,
    ],
  },
  {
    folder: 'packages/cli/src',
    forbidden: [
      `import { nodeAdapter } from '@trunkline/adapter-node-http'`,
      `import { connect } from '@trunkline/client'`,
      `import postgres from 'postgres'`,
      `import pg from 'pg'`,
    ],
    allowed: [
      `import { createTrunkline } from '@trunkline/core'`,
      `import { postgres } from '@trunkline/postgres'`,
      `import { Command } from 'commander'`,
      `import { createInterface } from 'node:readline/promises'`,
    ],
  },
  {
    folder: 'packages/adapter-node-http/src',
    forbidden: [
      `import { fetchAdapter } from '@trunkline/adapter-fetch'`,
      `import { connect } from '@trunkline/client'`,
      `import { postgres } from '@trunkline/postgres'`,
      `import postgres from 'postgres'`,
    ],
    allowed: [
      `import type { Trunkline } from '@trunkline/core'`,
      `import { createHttp } from '@trunkline/core/http'`,
      `import { trunklineScript } from '@trunkline/client/script'`,
      `import type { IncomingMessage } from 'node:http'`,
      `import { NodeRequest } from 'srvx/node'`,
    ],
  },
  {
    folder: 'packages/adapter-fetch/src',
    forbidden: [`import { Readable } from 'node:stream'`, `import { Hono } from 'hono'`],
    allowed: [`import { createHttp } from '@trunkline/core/http'`],
  },
  {
    folder: 'packages/admin/src',
    forbidden: [
      `import { createHash } from 'node:crypto'`,
      `import { toNodeHandler } from '@trunkline/adapter-node-http'`,
      `import { postgres } from '@trunkline/postgres'`,
      `import * as v from 'valibot'`,
    ],
    allowed: [
      `import type { Trunkline } from '@trunkline/core'`,
      `import { adminDoor } from '@trunkline/core/admin'`,
      `import { html } from 'hono/html'`,
    ],
  },
  {
    // A package that has no entry of its own yet.
    folder: 'packages/other/src',
    forbidden: [`import { nodeAdapter } from '@trunkline/adapter-node-http'`, `import { connect } from '@trunkline/client'`],
    allowed: [`import type { Store } from '@trunkline/core'`],
  },
]

let folder: string
let findings: Finding[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trunkline-lint-'))
  await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  await write('tsconfig.json', JSON.stringify({ compilerOptions: { strict: true, module: 'NodeNext', types: [] } }))
  for (const boundary of boundaries) {
    await Promise.all(boundary.forbidden.map((line, index) => write(`${boundary.folder}/forbidden-${index}.ts`, line)))
    await Promise.all(boundary.allowed.map((line, index) => write(`${boundary.folder}/allowed-${index}.ts`, line)))
  }
  await write('packages/core/src/cycle-a.ts', `import { b } from './cycle-b.ts'\nexport const a = (): unknown => b`)
  await write('packages/core/src/cycle-b.ts', `import { a } from './cycle-a.ts'\nexport const b = (): unknown => a`)
  await write('packages/core/src/floating.ts', `export const f = (): void => {\n  Promise.reject(new Error('lost'))\n}`)
  await write('packages/core/dist/index.js', `import 'node:fs'`)
  await write('packages/client/src/script/bundle.generated.ts', `import 'node:fs'`)
  findings = await lint()
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(boundaries)('imports of $folder', ({ folder: path, forbidden, allowed }) => {
  test.each(forbidden.map((line, index) => ({ line, index })))('$line is refused', ({ index }) => {
    expect(rulesAt(`${path}/forbidden-${index}.ts`)).toContain('eslint(no-restricted-imports)')
  })

  test.each(allowed.map((line, index) => ({ line, index })))('$line is accepted', ({ index }) => {
    expect(rulesAt(`${path}/allowed-${index}.ts`)).not.toContain('eslint(no-restricted-imports)')
  })
})

test('a cycle of imports is seen in both files', () => {
  expect(rulesAt('packages/core/src/cycle-a.ts')).toContain('import(no-cycle)')
  expect(rulesAt('packages/core/src/cycle-b.ts')).toContain('import(no-cycle)')
})

test('the type-aware rules run: a promise that nobody awaits is seen', () => {
  expect(rulesAt('packages/core/src/floating.ts')).toContain('typescript(no-floating-promises)')
})

test('built and generated files are left alone', () => {
  expect(rulesAt('packages/core/dist/index.js')).toEqual([])
  expect(rulesAt('packages/client/src/script/bundle.generated.ts')).toEqual([])
})

interface Finding {
  readonly code: string
  readonly filename: string
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), `${text}\n`)
}

function rulesAt(path: string): string[] {
  return findings.filter((finding) => finding.filename === path).map((finding) => finding.code)
}

function lint(): Promise<Finding[]> {
  const { promise, resolve: done, reject } = Promise.withResolvers<Finding[]>()
  const bin = join(root, 'node_modules/.bin')
  // The type-aware half is a program of its own, which oxlint looks for below the folder it runs in.
  const env = { ...process.env, OXLINT_TSGOLINT_PATH: join(bin, 'tsgolint') }
  const options = { cwd: folder, env, maxBuffer: 2 ** 26 }
  execFile(join(bin, 'oxlint'), ['--type-aware', '--format=json'], options, (_error, stdout, stderr) => {
    // The exit code is 1 because there are findings; what is not JSON is a failure of the linter itself.
    try {
      const report = JSON.parse(stdout) as { diagnostics: Finding[] }
      done(report.diagnostics)
    } catch (cause) {
      reject(new Error(`oxlint did not report: ${stdout}${stderr}`, { cause }))
    }
  })
  return promise
}
