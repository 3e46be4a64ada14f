import { fetchEventSource } from '@microsoft/fetch-event-source'
import type { Follow } from './follow.ts'

export const follow: Follow = (url, _names, take) => {
  const stop = new AbortController()
  let place = ''
  void fetchEventSource(url, {
    signal: stop.signal,
    onmessage({ id, event, data }) {
      place = id || place
      // A frame without data comes as an empty message.
      if (event !== '' || data !== '') take(event || 'message', data)
    },
    // By itself it sends the id of an event that has not come whole, and that event is lost.
    fetch(input, init) {
      const headers = new Headers(init?.headers)
      headers.set('last-event-id', place)
      return fetch(input, { ...init, headers })
    },
    // By itself it comes back after any refusal, and takes the end of a stream for the end of all.
    async onopen({ ok, status }) {
      if ([204, 400, 401, 403, 404, 410].includes(status)) stop.abort()
      else if (!ok) throw new Error(`The server answered ${status}`)
    },
    onclose() {
      throw new Error('The server ended the stream')
    },
  })
  return { close: () => stop.abort(), isOver: () => stop.signal.aborted }
}
