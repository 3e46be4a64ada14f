import { createEventSource } from 'eventsource-client'
import type { Follow } from './follow.ts'

export const follow: Follow = (url, _names, take) => {
  let isOver = false
  const source = createEventSource({ url, fetch: fetchOnce, onMessage: ({ event = 'message', data }) => take(event, data) })
  // By itself it comes back after every answer but 204.
  async function fetchOnce(...request: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(...request)
    isOver = [204, 400, 401, 403, 404, 410].includes(response.status)
    if (isOver) source.close()
    return response
  }
  return { close: () => source.close(), isOver: () => isOver }
}
