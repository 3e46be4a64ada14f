import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Breaks the first connection to `/numbered/<n>/…` after n bytes of its answer, head and framing included. Later ones are whole. */
export interface CuttingProxy extends AsyncDisposable {
  readonly origin: string
  /** The numbers whose connection was broken so far. */
  readonly cut: ReadonlySet<number>
}

/** Stands between browsers and a web server. */
export async function startCuttingProxy(target: { readonly port: number }): Promise<CuttingProxy> {
  const seen = new Set<number>()
  const cut = new Set<number>()
  const open = new Set<Socket>()

  function carry(client: Socket, upstream: Socket, head: Buffer): void {
    const number = numberOf(head)
    let left = number === null || seen.has(number) ? Infinity : number
    if (number !== null) seen.add(number)
    const pass = (chunk: Buffer): void => {
      if (client.writableEnded) return
      if (chunk.length < left) client.write(chunk)
      else {
        // An end in order, so that the bytes before it arrive: a reset could overtake them.
        client.end(chunk.subarray(0, left))
        upstream.destroy()
        cut.add(number as number) // only a number has an end
      }
      left -= chunk.length
    }
    upstream.write(head)
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', pass)
    if (left === 0) pass(Buffer.alloc(0))
  }

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: target.port, noDelay: true })
    const sockets = [client, upstream]
    for (const socket of sockets) {
      open.add(socket)
      // What breaks one side ends the other; why does not matter.
      socket.on('error', () => {})
      socket.once('close', () => {
        open.delete(socket)
        for (const side of sockets) side.destroySoon()
      })
      socket.once('end', () => sockets.map((side) => side.end()))
    }
    client.once('data', (head) => carry(client, upstream, head))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // not a pipe
    cut,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Of the path that is asked for. A browser's request line comes in one piece. */
function numberOf(head: Buffer): number | null {
  const number = /^GET \/numbered\/(\d+)\//.exec(head.toString('latin1'))?.[1]
  return number === undefined ? null : Number(number)
}
