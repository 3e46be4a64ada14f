import type { Connection } from '../connection/connect.ts'

/** What takes bytes: a Node response, or its socket. */
export interface Outlet {
  readonly destroyed: boolean
  /** HTTP/2's: the response does not say itself that it was cancelled. */
  readonly stream?: unknown
  write(chunk: Uint8Array): boolean
  once(event: 'close' | 'drain', listener: () => void): unknown
  off(event: 'close' | 'drain', listener: () => void): unknown
}

/**
 * Writes a stream until it is over: asks for the next chunk when the one before was taken, so a client that does not read is not read
 * for. Without a promise for each chunk, where the connection can do that.
 */
export function pour(body: Connection, outlet: Outlet): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error)
      body.close()
    }
    const take = ({ value, done }: IteratorResult<Uint8Array, undefined>): void => {
      if (done === true) return resolve()
      try {
        if (outlet.write(value)) ask()
        else void drained(outlet).then(ask)
      } catch (error) {
        fail(error)
      }
    }
    const ask = (): void => {
      if (body.onNext === undefined) body.next().then(take, fail)
      else body.onNext(take)
    }
    ask()
  })
}

/** Resolves when it takes more, or takes no more. */
function drained(outlet: Outlet): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outlet.off('drain', done)
      outlet.off('close', done)
      resolve()
    }
    outlet.once('drain', done)
    outlet.once('close', done)
    if (isGone(outlet)) done()
  })
}

/** Whether nobody takes what is written any more. */
export function isGone({ destroyed, stream }: Outlet): boolean {
  return destroyed || (isStream(stream) && stream.destroyed)
}

export function isHttp2({ stream }: Outlet): boolean {
  return isStream(stream)
}

/** An HTTP/2 stream that the client resets without an error while its window is full says `aborted`, and never `close`. */
export function closeWhenAborted({ stream }: Outlet): void {
  if (isStream(stream)) stream.once('aborted', () => stream.destroy())
}

function isStream(stream: unknown): stream is Http2Stream {
  return typeof stream === 'object' && stream !== null && 'destroyed' in stream
}

interface Http2Stream {
  readonly destroyed: boolean
  once(event: 'aborted', listener: () => void): unknown
  destroy(): unknown
}
