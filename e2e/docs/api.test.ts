import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { root } from './blocks.ts'
import { createProject } from './project.ts'

/** What an application has that the examples of the reference use. */
const application = `
  import type { Server } from 'node:http'
  import type { AnyEvents, Trunkline } from '@trunkline/core'
  import type { PostgresTransaction } from '@trunkline/postgres'
  declare const trunkline: Trunkline<AnyEvents, PostgresTransaction>
  declare const transaction: PostgresTransaction
  declare const server: Server
  declare const user: { readonly id: string }`

test('the examples of the methods in docs/api.md compile', async () => {
  await using files = await createProject()
  const page = await readFile(join(root, 'docs/api.md'), 'utf8')
  const methods = [...page.matchAll(/^### (trunkline\.\w+)\n([^]*?)(?=^##)/gm)]
  expect(methods.length).toBeGreaterThan(15)
  let examples = 0
  for (const [, name, section = ''] of methods) {
    // The first block is the signature.
    const [, ...blocks] = [...section.matchAll(/```ts\n([^]*?)\n```/g)].map(([, code = '']) => code)
    examples += blocks.length
    if (blocks.length > 0) await files.write({ name: `${name}.ts`, code: [application, ...blocks, ''].join('\n') })
  }
  expect(examples).toBeGreaterThan(10)
  expect(await files.compile('', { noUnusedLocals: false })).toEqual([])
})
