import { clientScript } from '@trunkline/client/script'
import type { Connectable, Connection } from '@trunkline/core'
import { type AdapterOptions, channelsOf, createHttp, createMount, type FetchHandler } from '@trunkline/core/http'

/**
 * Streams and the client script wherever a handler takes a Request and gives a Response: Next, SvelteKit, Bun, Deno. What is not ours
 * is answered with 404.
 *
 * @example
 * export const GET = fetchAdapter(trunkline, { identify: (request) => userOf(request) })
 */
export function fetchAdapter<User = unknown>(trunkline: Connectable<User>, options: AdapterOptions<Request, User>): FetchHandler {
  const answer = createHttp(trunkline, { clientScript, ...options })
  const mount = createMount(options.path)
  return async (request) => {
    const { pathname, search } = new URL(request.url)
    const mounted = mount(pathname + search)
    const answered =
      mounted === null
        ? null
        : await answer({
            method: request.method,
            url: mounted.url,
            params: mounted.params,
            header: (name) => request.headers.get(name),
            identify: () => options.identify(request),
            channels: channelsOf(options.channels, request, mounted.params),
            toRequest: () => request,
          })
    if (answered === null) return new Response(null, { status: 404 })
    const { status, headers, body } = answered
    const content =
      body === null || typeof body === 'string'
        ? body
        : streamOf(body, request.signal, (error) => trunkline.report?.(error, { stage: 'connection' }))
    return new Response(content, { status, headers })
  }
}

/** Asks the connection only for what the host asks for: a client that does not read is not read for. */
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
