import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'

export interface TcpProxyOptions {
  readonly target: { readonly host?: string; readonly port: number }
}

/** A network that can be told to fail. Replies are the bytes that travel from the target to the client. */
export interface TcpProxy {
  readonly port: number
  /** How many connections are open now. */
  readonly connections: number
  /** How many bytes of replies were passed on so far. */
  readonly replyBytes: number
  /** While on, bytes of both directions and news of a close are lost, and sockets stay open: a cable that was pulled. */
  swallow(isOn: boolean): void
  /** While on, bytes of both directions and news of a close wait, also those of new connections: what TCP makes of a network that is away. */
  hold(isOn: boolean): void
  /** Each chunk of a reply is lost with this probability, and its connection with it: the target did the work, nobody heard. 0 ends it. */
  dropReplies(probability: number, random?: () => number): void
  /** While on, replies arrive in packets of one byte. */
  splitAtEveryByte(isOn: boolean): void
  /** Lets this many more bytes of replies pass, in whatever connection, then cuts that connection. The next ones are whole again. */
  cutAfterBytes(bytes: number): void
  /** Resets every open connection. */
  killAll(): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Stands between a client and PostgreSQL or a web server.
 *
 * @example
 * await using proxy = await startProxy({ target: { port: server.port } })
 * proxy.dropReplies(0.02)
 */
export async function startProxy({ target }: TcpProxyOptions): Promise<TcpProxy> {
  const open = new Set<Connection>()
  let release = (): void => {}
  const faults: Faults = {
    held: undefined,
    isSwallowing: false,
    isSplitting: false,
    isLost: () => false,
    bytesUntilCut: Infinity,
    replyBytes: 0,
  }

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port, noDelay: true })
    const connection: Connection = { client, upstream, isOver: false }
    open.add(connection)
    // A socket that fails while nobody reads it says so here, and closes.
    for (const socket of [client, upstream]) socket.on('error', () => {})
    for (const carried of [carryRequests(connection, faults), carryReplies(connection, faults)]) {
      // How it ended does not matter: an error is followed by the same close.
      void carried
        .catch(() => {})
        .then(() => {
          connection.isOver = true
          if (!faults.isSwallowing) bury(connection)
        })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // not a pipe

  return {
    port,
    get connections() {
      return open.size
    },
    get replyBytes() {
      return faults.replyBytes
    },
    swallow(isOn) {
      faults.isSwallowing = isOn
      if (!isOn) for (const connection of open) if (connection.isOver) bury(connection)
    },
    hold(isOn) {
      release()
      faults.held = isOn ? new Promise((resolve) => (release = resolve)) : undefined
    },
    dropReplies(probability, random = Math.random) {
      faults.isLost = () => random() < probability
    },
    splitAtEveryByte(isOn) {
      faults.isSplitting = isOn
    },
    cutAfterBytes(bytes) {
      faults.bytesUntilCut = bytes
    },
    killAll,
    close,
    [Symbol.asyncDispose]: close,
  }

  function bury(connection: Connection): void {
    open.delete(connection)
    // Bytes that were passed on before the close still arrive.
    connection.client.destroySoon()
    connection.upstream.destroySoon()
  }

  function killAll(): void {
    for (const { client, upstream } of open) {
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
    open.clear()
  }

  async function close(): Promise<void> {
    killAll()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
}

interface Connection {
  readonly client: Socket
  readonly upstream: Socket
  isOver: boolean
}

interface Faults {
  held: Promise<void> | undefined
  isSwallowing: boolean
  isSplitting: boolean
  isLost: () => boolean
  bytesUntilCut: number
  replyBytes: number
}

async function carryRequests({ client, upstream }: Connection, faults: Faults): Promise<void> {
  for await (const chunk of client as AsyncIterable<Buffer>) {
    await faults.held
    if (!faults.isSwallowing) await write(upstream, chunk)
  }
  await faults.held
}

async function carryReplies({ client, upstream }: Connection, faults: Faults): Promise<void> {
  for await (const chunk of upstream as AsyncIterable<Buffer>) {
    await faults.held
    if (faults.isSwallowing) continue
    if (faults.isLost()) {
      client.resetAndDestroy()
      return
    }
    const passed = chunk.subarray(0, faults.bytesUntilCut)
    faults.bytesUntilCut -= passed.length
    faults.replyBytes += passed.length
    const isCut = faults.bytesUntilCut === 0
    if (isCut) faults.bytesUntilCut = Infinity
    if (!faults.isSplitting) await write(client, passed)
    else for (const byte of bytesOf(passed)) await writeAlone(client, byte)
    if (isCut) return
  }
  await faults.held
}

/** Resolves when the kernel has it, so a side that does not read holds the other one up. */
function write(socket: Socket, packet: Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // A failed write is followed by the close of the socket that failed.
  socket.write(packet, () => resolve())
  return promise
}

/** The client gets its turn to read, otherwise the kernel joins this packet and the next. */
async function writeAlone(socket: Socket, packet: Uint8Array): Promise<void> {
  await write(socket, packet)
  await setImmediate()
}

function* bytesOf(chunk: Uint8Array): Iterable<Uint8Array> {
  for (let index = 0; index < chunk.length; index++) yield chunk.subarray(index, index + 1)
}
