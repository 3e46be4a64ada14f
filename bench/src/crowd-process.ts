// Many clients in a process of their own. They read bytes and count the events in them, and do as little else as possible.
import { connect, type Socket } from 'node:net'

import { answerCalls } from './calls.ts'
import { marker } from './event.ts'

/** Who connects, and how. */
export interface CrowdOptions {
  readonly port: number
  readonly size: number
  /** The n-th client's path is this with `{n}` replaced by n. */
  readonly path: string
  /** How many of them (the first ones) never read. */
  readonly idle?: number
  /** Speaks socket.io's protocol over WebSocket instead: says that it connects, answers pings, and counts the same. */
  readonly isWebSocket?: boolean
}

interface Client {
  readonly socket: Socket
  isOpen: boolean
  events: number
}

/** What a crowd can be asked for. */
export interface CrowdMethods {
  /** Resolves when every client has its stream. */
  open(options: CrowdOptions): Promise<void>
  /** Resolves when this many events have come in all, since the first client opened. Rejects when they have not after so long. */
  until(events: number, limitMs: number): Promise<void>
  /** How many events have come in all. */
  events(): number
  /** The fewest and the most that one client (of those that read) has got, and how many bytes came in all. */
  tally(): { readonly fewest: number; readonly most: number; readonly bytes: number }
  close(): void
}

const markerByte = marker.charCodeAt(0)
// One buffer for all: what is in it is counted before the next chunk is read.
const buffer = Buffer.alloc(256 * 1_024)
let clients: Client[] = []
let readers: readonly Client[] = []
let arrived = 0
let bytes = 0
let waiting: { readonly events: number; resolve(): void } | null = null

const methods: CrowdMethods = {
  open: async ({ port, size, path, idle = 0, isWebSocket = false }) => {
    const openOne = isWebSocket ? openSocketIo : openStream
    const opened: Client[] = []
    // Not all at once: a listen queue has an end.
    for (let from = 0; from < size; from += 500) {
      const some = Array.from({ length: Math.min(500, size - from) }, (_, index) => from + index)
      opened.push(...(await Promise.all(some.map((n) => openOne(port, path.replace('{n}', String(n)), n < idle)))))
    }
    clients = [...clients, ...opened]
    readers = [...readers, ...opened.slice(idle)]
  },
  until: async (events, limitMs) => {
    if (arrived >= events) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting = { events, resolve }
    const timer = setTimeout(() => {
      const { fewest, most } = methods.tally()
      const who = `one client has ${fewest}, another ${most}`
      reject(
        new Error(
          `${arrived} of ${events} deliveries came within ${limitMs} ms: ${who}. The clients together have ${clients.length} streams.`,
        ),
      )
    }, limitMs)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      waiting = null
    }
  },
  events: () => arrived,
  tally: () => {
    let fewest = Number.POSITIVE_INFINITY
    let most = 0
    for (const { events } of readers) {
      fewest = Math.min(fewest, events)
      most = Math.max(most, events)
    }
    return { fewest, most, bytes }
  },
  close: () => {
    for (const { socket } of clients) socket.destroy()
    clients = []
    readers = []
  },
}

/** Longer than any server needs to let a client in. */
const openLimitMs = 30_000

function openStream(port: number, path: string, isIdle: boolean): Promise<Client> {
  return openClient(port, `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n`, isIdle, (_, chunk) => {
    const head = chunk.toString('latin1', 0, 200)
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`${path} was answered with ${head.split('\r\n')[0]}`)
    return true
  })
}

/** socket.io's clients cost too much to have a thousand of them here: this is as much of its protocol as they need to be told of events. */
function openSocketIo(port: number): Promise<Client> {
  const upgrade =
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n' +
    'sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n'
  return openClient(port, upgrade, false, (socket, chunk) => {
    const text = chunk.toString('latin1')
    // The handshake of engine.io ("0{…}") is answered with that of socket.io ("40"), which the server answers in turn.
    if (text.includes('"pingInterval"')) socket.write(webSocketText('40'))
    return text.includes('40{"sid"')
  })
}

/** A short text frame of a client: its mask is all zeros. */
function webSocketText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

/** `isOpen` looks at what comes until it says that the client has its stream; it throws when it will not. */
function openClient(
  port: number,
  hello: string,
  isIdle: boolean,
  isOpen: (socket: Socket, chunk: Buffer) => boolean,
): Promise<Client> {
  const { promise, resolve, reject } = Promise.withResolvers<Client>()
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer, callback } })
  const client: Client = { socket, isOpen: false, events: 0 }
  const timer = setTimeout(() => reject(new Error(`A stream did not open within ${openLimitMs} ms.`)), openLimitMs)
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('A stream was closed before it was open.')))
  socket.write(hello)
  return promise.finally(() => clearTimeout(timer))

  function callback(length: number): boolean {
    const chunk = buffer.subarray(0, length)
    try {
      client.isOpen ||= isOpen(socket, chunk)
    } catch (error) {
      reject(error)
    }
    if (client.isOpen) resolve(client)
    let found = 0
    for (let at = chunk.indexOf(markerByte); at !== -1; at = chunk.indexOf(markerByte, at + 1)) found++
    client.events += found
    count(found, length)
    return !(isIdle && client.isOpen)
  }
}

function count(found: number, length: number): void {
  bytes += length
  arrived += found
  if (waiting !== null && arrived >= waiting.events) waiting.resolve()
}

answerCalls({ ...methods })
