import { clientScript } from '@trunkline/client/script'
import type { Connectable } from '@trunkline/core'
import { type AdapterOptions, channelsOf, checkAdapterOptions, createHttp, createMount, toResponse } from '@trunkline/core/http'

/** Streams for a framework whose handlers get a Request, and answer with a Response or with null: not ours. */
export function ownAdapter<User = unknown>(trunkline: Connectable<User>, options: AdapterOptions<Request, User>) {
  const answer = createHttp(trunkline, { clientScript, ...checkAdapterOptions('ownAdapter', trunkline, options) })
  const mount = createMount(options.path)
  return async (request: Request): Promise<Response | null> => {
    const { pathname, search } = new URL(request.url)
    const mounted = mount(pathname + search)
    if (mounted === null) return null
    const answered = await answer({
      ...mounted,
      method: request.method,
      header: (name) => request.headers.get(name),
      identify: () => options.identify(request),
      channels: channelsOf(options.channels, request, mounted.params),
      toRequest: () => request,
    })
    if (answered === null) return null
    return toResponse(answered, request.signal, (error) => trunkline.report?.(error, { stage: 'connection' }))
  }
}
