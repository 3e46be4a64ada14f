import { connect, createServer, type Socket } from 'node:net'

/** A proxy in front of the database, for bad days. */
export interface Proxy {
  readonly url: string
  /** From now on nothing passes on the connections there are, and nobody is told. */
  freeze(): void
  /** Freezes each connection on which the server next answers: the statement was run, its reply is lost. */
  loseReplies(count: number): void
  close(): Promise<void>
  /** After close(): on the same port. */
  open(): Promise<void>
}

/** Starts a proxy for the server of a URL. */
export async function startProxy(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl)
  const connections = new Set<Socket>()
  const frozen = new WeakSet<Socket>()
  let toLose = 0
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname)
    connections.add(client)
    upstream.on('data', (chunk) => {
      if (toLose > 0 && !frozen.has(client)) {
        toLose--
        frozen.add(client)
      }
      if (!frozen.has(client)) client.write(chunk)
    })
    client.on('data', (chunk) => frozen.has(client) || upstream.write(chunk))
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      // What breaks here is the point of the test, which looks at the other end.
      from.on('error', () => {})
      from.on('close', () => {
        connections.delete(client)
        if (from === client || !frozen.has(client)) to.destroy()
      })
    }
  })
  const listenOn = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listenOn(0)
  const { port } = server.address() as { readonly port: number }
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    freeze: () => connections.forEach((socket) => frozen.add(socket)),
    loseReplies: (count) => (toLose = count),
    async close() {
      connections.forEach((socket) => socket.destroy())
      await new Promise((resolve) => server.close(resolve))
    },
    open: () => listenOn(port),
  }
}
