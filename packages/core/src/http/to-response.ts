import type { Connection } from '../connection/connect.ts'
import type { HttpAnswer } from './types.ts'

/**
 * An answer as a Response. It asks the connection only for what the host asks for: a client that does not read is not read for.
 * `signal` is the request's; `report` hears of failures of the stream.
 */
export function toResponse(
  { status, headers, body }: HttpAnswer,
  signal: AbortSignal,
  report: (error: unknown) => void,
): Response {
  const content = body === null || typeof body === 'string' ? body : streamOf(body, signal, report)
  return new Response(content, { status, headers })
}

function streamOf(
  connection: Connection,
  signal: AbortSignal,
  report: (error: unknown) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const leave = (): void => connection.close()
  signal.addEventListener('abort', leave)
  void connection.closed.then(() => signal.removeEventListener('abort', leave))
  if (signal.aborted) leave()
  let isCancelled = false
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await connection.next()
          if (isCancelled) return
          if (done === true) controller.close()
          // A connection never hands out shared memory, which is all that the type keeps out.
          else controller.enqueue(value as Uint8Array<ArrayBuffer>)
        } catch (error) {
          report(error)
          leave()
          throw error
        }
      },
      cancel() {
        isCancelled = true
        leave()
      },
    },
    { highWaterMark: 0 },
  )
}
