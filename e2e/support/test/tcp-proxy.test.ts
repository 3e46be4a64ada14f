import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import postgres from 'postgres'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { startProxy, type TcpProxy } from '../tcp-proxy.ts'

test('passes both directions on, whole and in order', async () => {
  const proxy = await startProxyToEcho()
  const text = 'x'.repeat(300_000) + 'end'
  const client = await open(proxy)
  client.write(text)
  await vi.waitFor(() => expect(client.received).toBe(text))
  expect(proxy.connections).toBe(1)
  expect(proxy.replyBytes).toBe(text.length)
})

test('carries PostgreSQL, byte by byte too', async () => {
  const url = new URL(inject('databaseUrl'))
  const proxy = await startProxy({ target: { host: url.hostname, port: Number(url.port) } })
  onTestFinished(() => proxy.close())
  url.port = String(proxy.port)
  proxy.splitAtEveryByte(true)
  const sql = postgres(url.href, { max: 1 })
  onTestFinished(() => sql.end())
  expect(await sql`select repeat('a', 1000) as text`).toEqual([{ text: 'a'.repeat(1000) }])
})

test('splits replies into packets of one byte', async () => {
  const proxy = await startProxyToEcho()
  proxy.splitAtEveryByte(true)
  const client = await open(proxy)
  client.write('abcdef')
  await vi.waitFor(() => expect(client.received).toBe('abcdef'))
  expect(client.packets).toBeGreaterThan(3)
})

test('keeps sockets open while it swallows, and tells of a close only afterwards', async () => {
  const proxy = await startProxyToEcho()
  const client = await open(proxy)
  proxy.swallow(true)
  client.write('lost')
  const late = await open(proxy)
  late.write('lost too')
  await vi.waitFor(() => expect(upstreamSockets.size).toBe(2))
  for (const socket of upstreamSockets) socket.destroy()
  await expectNothingFor(100, () => client.received + late.received + String(client.closed) + String(late.closed))
  expect(proxy.connections).toBe(2)
  proxy.swallow(false)
  await vi.waitFor(() => expect([client.closed, late.closed, proxy.connections]).toEqual([true, true, 0]))
  expect(client.received).toBe('')
})

test('lets new bytes through once it stops swallowing', async () => {
  const proxy = await startProxyToEcho()
  const client = await open(proxy)
  proxy.swallow(true)
  client.write('lost')
  await expectNothingFor(50, () => client.received)
  proxy.swallow(false)
  client.write('heard')
  await vi.waitFor(() => expect(client.received).toBe('heard'))
})

test('drops replies as often as it was told, with their connection', async () => {
  const proxy = await startProxyToEcho()
  const dice = [0.5, 0.01]
  proxy.dropReplies(0.02, () => dice.shift() ?? 1)
  const client = await open(proxy)
  client.write('one')
  await vi.waitFor(() => expect(client.received).toBe('one'))
  client.write('two')
  await vi.waitFor(() => expect(client.closed).toBe(true))
  expect(client.received).toBe('one')
})

test('cuts one connection after exactly n bytes of replies', async () => {
  const proxy = await startProxyToEcho()
  for (const bytes of [1, 5, 11]) {
    proxy.cutAfterBytes(bytes)
    const client = await open(proxy)
    client.write('hello ')
    client.write('world, and more')
    await vi.waitFor(() => expect(client.closed).toBe(true))
    expect(client.received).toBe('hello world'.slice(0, bytes))
  }
  const whole = await open(proxy)
  whole.write('hello world')
  await vi.waitFor(() => expect(whole.received).toBe('hello world'))
})

test('resets all connections at once, and accepts new ones', async () => {
  const proxy = await startProxyToEcho()
  const clients = await Promise.all([open(proxy), open(proxy)])
  await vi.waitFor(() => expect(proxy.connections).toBe(2))
  proxy.killAll()
  await vi.waitFor(() => expect(clients.every((client) => client.closed)).toBe(true))
  const client = await open(proxy)
  client.write('hello')
  await vi.waitFor(() => expect(client.received).toBe('hello'))
})

const upstreamSockets = new Set<Socket>()

async function startProxyToEcho(): Promise<TcpProxy> {
  const server = createServer((socket) => {
    upstreamSockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => upstreamSockets.delete(socket))
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await startProxy({ target: { port: (server.address() as AddressInfo).port } })
  onTestFinished(async () => {
    await proxy.close()
    server.close()
  })
  return proxy
}

async function open(proxy: TcpProxy) {
  const socket = connect(proxy.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const client = { received: '', packets: 0, closed: false, write: (text: string) => socket.write(text) }
  socket.on('error', () => {})
  socket.on('close', () => (client.closed = true))
  socket.on('data', (chunk: Buffer) => {
    client.received += chunk.toString()
    client.packets++
  })
  await once(socket, 'connect')
  return client
}

// Nothing happening cannot be waited for; the time is short because a longer one would prove no more.
async function expectNothingFor(milliseconds: number, look: () => string): Promise<void> {
  const before = look()
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  expect(look()).toBe(before)
}
