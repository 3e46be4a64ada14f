import type { Connection } from '@trunkline/core'

/** The bytes of a stream, wherever it comes from. */
export interface ByteSource {
  /** The next chunk; undefined at the end. Rejects when the stream breaks off. */
  read(): Promise<Uint8Array | undefined>
  /** The client is gone. Idempotent. */
  close(): void
}

/** A stream of core. */
export function bytesOfConnection(connection: Connection): ByteSource {
  return {
    read: async () => (await connection.next()).value,
    close: () => connection.close(),
  }
}

/**
 * The stream in an answer of the application.
 *
 * @throws {Error} when it is none, with what the application said instead
 */
export async function bytesOfResponse(response: Response): Promise<ByteSource> {
  const { status, headers, body } = response
  const type = headers.get('content-type') ?? 'no content-type'
  if (status !== 200 || body === null || !type.startsWith('text/event-stream')) {
    const text = (await response.text()).slice(0, 200)
    throw new Error(`The application answered no stream, but ${status} with ${type}${text === '' ? '.' : `: ${text}`}`)
  }
  const reader = body.getReader()
  return {
    read: async () => (await reader.read()).value,
    // A body that broke off cannot be cancelled, and need not be.
    close: () => void reader.cancel().catch(() => {}),
  }
}
