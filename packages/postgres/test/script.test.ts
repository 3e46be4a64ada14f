import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'

import { admin, backend, databaseUrl, s, schema } from './support/deployment.ts'

beforeAll(() => backend().migrate())

const script = `
import { postgres } from './src/index.ts'
const { store } = postgres({ url: process.env.DATABASE_URL, schema: process.env.SCHEMA })
const event = { id: 'from-a-script', type: 't', scope: 'global', userId: null, channel: null, entityId: null, body: '{}', raw: false, skipUserIds: [], createdAt: '', privateData: null, idempotencyKey: null }
await store.append([event], {})
console.log('published')
`

test('a script that only publishes ends by itself, at once', async () => {
  const started = performance.now()
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [
      '--conditions',
      '@trunkline/source',
      '--disable-warning=ExperimentalWarning',
      '--input-type=module-typescript',
      '--eval',
      script,
    ],
    {
      cwd: new URL('..', import.meta.url).pathname,
      env: { ...process.env, DATABASE_URL: databaseUrl, SCHEMA: schema },
      timeout: 15_000,
    },
  )
  expect({ stdout, stderr }).toEqual({ stdout: 'published\n', stderr: '' })
  expect(performance.now() - started).toBeLessThan(8_000)
  expect((await admin.query(`select from ${s}.log where id = 'from-a-script'`)).rowCount).toBe(1)
})
