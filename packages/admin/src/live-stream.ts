import { type EventFilter, keysOf, type TrunklineEvent } from '@trunkline/core'

import { headers } from './headers.ts'
import type { Visit } from './page.ts'
import { preview, pretty } from './show.ts'

/** An event as the live page gets it. Never with private data, which no subscriber is given. */
export interface LiveEvent {
  readonly id: string
  readonly type: string
  readonly scope: string
  readonly createdAt: string
  /** The user or the channel. */
  readonly name: string | null
  /** Stored ones have a page of their own. */
  readonly isStored: boolean
  readonly preview: string
  readonly detail: string
  /** Whether `detail` is only its beginning. */
  readonly isCut: boolean
}

/** Events that may wait for a viewer; what comes then is left out, and the viewer is told how many were. */
const maxWaiting = 500
const maxDetail = 4_000
const heartbeatMs = 15_000

/**
 * What happens, as server-sent events: `data` is a {@link LiveEvent}, `skipped` a number, `goodbye` the end of the right to see it. The
 * right is asked for again with every heartbeat.
 */
export function liveStream({ trunkline, door, request, isAuthorized }: Visit, filter: EventFilter): Response {
  const encoder = new TextEncoder()
  let stop = (): void => {}

  function start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    let skipped = 0
    const send = (event: string, data: unknown): void =>
      controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
    const unsubscribe = trunkline.subscribe((event) => {
      if (!fits(event, filter)) return
      if ((controller.desiredSize ?? 0) <= 1) {
        skipped++
        return
      }
      if (skipped > 0) send('skipped', skipped)
      skipped = 0
      send('event', toLive(event))
    })
    const heartbeat = setInterval(() => {
      void isAuthorized().then((isStill) => {
        if (!isStill) end('forbidden')
        else if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(': \n\n'))
      })
    }, heartbeatMs)
    const onStopped = (): void => end('stopped')
    door.stopped.addEventListener('abort', onStopped)
    stop = () => {
      unsubscribe()
      clearInterval(heartbeat)
      door.stopped.removeEventListener('abort', onStopped)
    }
    function end(reason: string): void {
      stop()
      send('goodbye', reason)
      controller.close()
    }
    request.signal.addEventListener('abort', () => stop())
    // At once, so that the page can say that it listens.
    controller.enqueue(encoder.encode('retry: 1000\n\n'))
  }

  const body = new ReadableStream({ start, cancel: () => stop() }, { highWaterMark: maxWaiting })
  return new Response(body, {
    headers: {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  })
}

function fits(event: TrunklineEvent, { type, scope, userId, channel, entityId, text }: EventFilter): boolean {
  return (
    (type === undefined || event.type === type) &&
    (scope === undefined || event.scope === scope) &&
    (userId === undefined || event.userId === userId) &&
    (channel === undefined || event.channel === channel) &&
    (entityId === undefined || keysOf(event).includes(`${event.type}:${entityId}`)) &&
    (text === undefined || JSON.stringify(event.detail).includes(text))
  )
}

function toLive(event: TrunklineEvent): LiveEvent {
  const { id, type, scope, userId, channel, createdAt, cursor, detail } = event
  const whole = typeof detail === 'string' ? detail : pretty(detail)
  return {
    id,
    type,
    scope,
    createdAt,
    name: channel ?? userId ?? null,
    isStored: cursor !== undefined,
    preview: preview(detail),
    detail: whole.slice(0, maxDetail),
    isCut: whole.length > maxDetail,
  }
}
