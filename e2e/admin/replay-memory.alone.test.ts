import { createAdmin } from '@trunkline/admin'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, inject, test } from 'vitest'

import { createDeployment } from '../support/deployment.ts'

const count = 10_000
const detail = 'x'.repeat(8_000)
/** Of what is replayed, less than a quarter. */
const maxGrowthBytes = 20_000_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test(`a replay of ${count} events of 8 kB keeps memory flat`, async () => {
  await using deployment = await createDeployment(inject('databaseUrl'))
  const trunkline = deployment.open()
  for (let n = 0; n < count; n += 500) {
    await trunkline.publishMany(Array.from({ length: 500 }, () => ({ scope: 'global', type: 'many', detail }) as const))
  }
  const admin = createAdmin(trunkline, { authorize: () => ({ actor: 'ada' }) })
  const url = 'http://localhost/admin?page=replay&all=yes&type=many'
  const form = await admin(new Request(url))
  const fields = [...(await form.text()).matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)]
  const body = new URLSearchParams(fields.map(([, name = '', value = '']) => [name, value]))
  const cookie = form.headers.get('set-cookie')?.split(';')[0] ?? ''

  collect()
  const before = process.memoryUsage().heapUsed
  let most = 0
  let last = ''
  const answer = await admin(new Request(url, { method: 'POST', body, headers: { cookie, 'sec-fetch-site': 'same-origin' } }))
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    last = `${last}${new TextDecoder().decode(chunk)}`.slice(-2_000)
    collect()
    most = Math.max(most, process.memoryUsage().heapUsed - before)
  }
  expect(last).toContain('10,000 events replayed')
  expect(most).toBeLessThan(maxGrowthBytes)
})
