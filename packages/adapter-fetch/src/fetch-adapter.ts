import { clientScript } from '@trunkline/client/script'
import type { Connectable } from '@trunkline/core'
import {
  type AdapterOptions,
  channelsOf,
  checkAdapterOptions,
  createHttp,
  createMount,
  type FetchHandler,
  toResponse,
} from '@trunkline/core/http'

/**
 * Streams and the client script wherever a handler takes a Request and gives a Response: Next, SvelteKit, Bun, Deno. What is not ours
 * is answered with 404.
 *
 * @example
 * export const GET = fetchAdapter(trunkline, { identify: (request) => userOf(request) })
 */
export function fetchAdapter<User = unknown>(trunkline: Connectable<User>, options: AdapterOptions<Request, User>): FetchHandler {
  const answer = createHttp(trunkline, { clientScript, ...checkAdapterOptions('fetchAdapter', trunkline, options) })
  const mount = createMount(options.path)
  return async (request) => {
    const { pathname, search } = new URL(request.url)
    const mounted = mount(pathname + search)
    const answered =
      mounted === null
        ? null
        : await answer({
            ...mounted,
            method: request.method,
            header: (name) => request.headers.get(name),
            identify: () => options.identify(request),
            channels: channelsOf(options.channels, request, mounted.params),
            toRequest: () => request,
          })
    if (answered === null) return new Response(null, { status: 404 })
    return toResponse(answered, request.signal, (error) => trunkline.report?.(error, { stage: 'connection' }))
  }
}
