import { connect, type Socket } from 'node:net'

/** Many streams that cost this process next to nothing: moments are noted as the sockets are read, and texts are looked at later. */
export class Crowd implements Disposable {
  /** When something came to somebody, by performance.now(). */
  readonly arrivals: number[] = []
  readonly #texts: string[] = []
  readonly #sockets: readonly Socket[]

  /** Each is a user of its own, numbered from 0 on, who says so in the header x-user. */
  constructor(url: string, size: number) {
    const { hostname: host, port, pathname, search } = new URL(url)
    // One buffer for all: each chunk is copied out of it before the next is read.
    const buffer = Buffer.alloc(65_536)
    this.#sockets = Array.from({ length: size }, (_, user) => {
      const callback = (length: number): boolean => {
        this.arrivals.push(performance.now())
        this.#texts.push(buffer.toString('latin1', 0, length))
        return true
      }
      const socket = connect({ host, port: Number(port), noDelay: true, onread: { buffer, callback } })
      // A server that ends cuts them all.
      socket.on('error', () => {})
      socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\nx-user: ${user}\r\n\r\n`)
      return socket
    })
  }

  /** How many chunks with this text have come so far. */
  countOf(part: string): number {
    return this.#texts.filter((text) => text.includes(part)).length
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
