import { fetchEventSource } from '@microsoft/fetch-event-source'
import { createEventSource } from 'eventsource-client'

import type { Follow } from './follow.ts'

/** fetch-event-source without what docs/clients.md adds to it. Tells when it has read the beginning of a long frame. */
export const fetchEventSourceAlone: Follow = (url, _names, take) => {
  const stop = new AbortController()
  let isOver = false
  void fetchEventSource(url, {
    signal: stop.signal,
    onmessage: ({ event, data }) => void ((event !== '' || data !== '') && take(event || 'message', data)),
    fetch: async (...request) => tellingOfHalves(await fetch(...request), () => take('half', '')),
  }).finally(() => (isOver = true))
  return { close: () => stop.abort(), isOver: () => isOver }
}

/** eventsource-client without what docs/clients.md adds to it. */
export const eventsourceClientAlone: Follow = (url, _names, take) => {
  const source = createEventSource({ url, onMessage: ({ event = 'message', data }) => take(event, data) })
  return { close: () => source.close(), isOver: () => source.readyState === 'closed' }
}

/** The same answer, of which it is seen how far it was read. */
function tellingOfHalves(response: Response, onHalf: () => void): Response {
  const decoder = new TextDecoder()
  let rest = ''
  const watch = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      controller.enqueue(chunk)
      rest = (rest + decoder.decode(chunk, { stream: true })).replace(/[^]*\n\n/, '')
      if (rest.length > 1_000) onHalf()
    },
  })
  return new Response(response.body?.pipeThrough(watch) ?? null, response)
}
