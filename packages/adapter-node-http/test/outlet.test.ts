import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'

import { nodeAdapter } from '@trunkline/adapter-node-http'
import { createTrunkline, memory } from '@trunkline/core'
import { expect, test } from 'vitest'

import { ask, eventually, listen, startSite } from './support.ts'

test('the body of a stream has no framing, and its connection ends with it', async () => {
  await using site = await startSite()
  const { response } = await ask(`${site.origin}/realtime/sse`)
  expect(response.headers['connection']).toBe('close')
  expect(response.headers['transfer-encoding']).toBeUndefined()
})

test('a write that middleware has put before that of Node.js sees everything', async () => {
  const trunkline = createTrunkline(memory())
  const adapter = nodeAdapter(trunkline, { identify: () => null })
  let seen = ''
  const server = createServer((req, res) => {
    const write = res.write.bind(res)
    res.write = ((chunk: Uint8Array) => {
      seen += new TextDecoder().decode(chunk)
      return write(chunk)
    }) as typeof res.write
    adapter(req, res)
  })
  const { origin, stop } = await listen(server)
  const stream = await ask(`${origin}/realtime/sse`)
  await trunkline.publishGlobal({ type: 'x', detail: 'for both' })
  await stream.untilDetails(1)
  expect(seen).toBe(stream.bytes.toString())
  await trunkline.stop()
  server.closeAllConnections()
  await stop()
})

test('a stream that a pipelining client asks for behind another answer comes after it', async () => {
  const trunkline = createTrunkline(memory())
  const adapter = nodeAdapter(trunkline, { identify: () => null })
  let finish = (): void => {}
  const server = createServer((req, res) => {
    if (req.url === '/first') finish = () => void res.end('the first answer')
    else adapter(req, res)
  })
  const { stop } = await listen(server)
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(socket, 'connect')
  socket.write('GET /first HTTP/1.1\r\nhost: a\r\n\r\nGET /realtime/sse HTTP/1.1\r\nhost: a\r\n\r\n')
  await eventually(() => trunkline.stats().connections === 1)
  await trunkline.publishGlobal({ type: 'x', detail: 'early' })
  expect(text).toBe('')
  finish()
  await eventually(() => text.includes('early'))
  await trunkline.publishGlobal({ type: 'x', detail: 'late' })
  await eventually(() => text.includes('late'))
  expect(text.indexOf('the first answer')).toBeLessThan(text.indexOf('event: connected'))
  expect(text.match(/"(early|late)"/g)).toEqual(['"early"', '"late"'])
  socket.destroy()
  await trunkline.stop()
  await stop()
})
