import type { StreamedFrame } from './frame.ts'
import { isAfter } from './place.ts'
import type { Cancel, Seams } from './seams.ts'
import type { Receiver, Source, SourceStatus } from './source.ts'
import { startStream, type StreamOptions } from './stream.ts'
import { channelOf, type Message, type Part, type Post, take } from './tabs.ts'

/** As many as a server lets a stream have unless it was told otherwise. */
const maxChannels = 10
/** Tabs that are opened together come together. */
const gatherMs = 20
/** While the server is away, tabs hear of every attempt, and this leaves time for one. */
const awayMs = 30_000

/**
 * Has the stream, with the channels of all tabs, and passes on what comes. `watch` calls back when a tab is gone. `goAlone`: what this tab
 * reads is refused.
 */
export function startLeading(
  options: StreamOptions,
  receiver: Receiver,
  seams: Seams,
  post: Post,
  watch: (id: string, onGone: () => void) => Cancel,
  goAlone: () => void,
): Part {
  const { channels } = options
  const tabs = new Map<string, { readonly reads: readonly string[]; readonly end: Cancel }>()
  let stream: Source | undefined
  let streamed: readonly string[] = []
  let at = receiver.cursor()
  let backTo = at
  let heartbeatMs: number | undefined
  /** Undefined while the stream is open. */
  let status: SourceStatus | undefined = { status: 'connecting' }
  let opening: Cancel | undefined

  /** Anew, from the place furthest behind: what another channel has said since then was not asked for. */
  function openSoon(from = at): void {
    if (!opening || isAfter(backTo, from)) backTo = from
    opening ??= seams.after(gatherMs, () => {
      opening = undefined
      at = backTo
      streamed = allChannels()
      // Before the first frame from there: those who are behind wait for it.
      synchronize()
      if (stream) stream.refresh()
      else stream = startStream({ ...options, channels: () => streamed }, { cursor: () => at, onFrame, onStatus }, seams)
    })
  }

  function allChannels(): readonly string[] {
    return [...new Set([channels(), ...Array.from(tabs.values(), ({ reads }) => reads)].flat())]
  }

  function onFrame(frame: StreamedFrame): void {
    const cursor = at
    if (frame.cursor) at = frame.cursor
    if (frame.kind === 'connected') {
      heartbeatMs = frame.data.heartbeatMs
      // Going back for one tab is no news to the others.
      if (!status) return
    }
    status = undefined
    const message = { frame, cursor, isAsked: streamed.includes(channelOf(frame)), heartbeatMs }
    post(message)
    if (!take(message, channels(), receiver)) goBackTo(receiver.cursor())
  }

  function onStatus(next: SourceStatus): void {
    status = next
    // A channel of one tab must not end the others.
    if (next.status === 'stopped' && next.reason !== 'unauthorized' && tabs.size) {
      post({ alone: 1 })
      return goAlone()
    }
    post({ status, heartbeatMs: awayMs })
    receiver.onStatus(next)
  }

  function hear({ from, hello, cursor = '' }: Message): void {
    if (!hello) return
    tabs.set(from, { reads: hello, end: tabs.get(from)?.end ?? watch(from, () => tabs.delete(from)) })
    const all = allChannels()
    if (all.length > maxChannels) {
      tabs.delete(from)
      return post({ to: from, alone: 1 })
    }
    goBackTo(cursor)
    if (all.some((channel) => !streamed.includes(channel))) openSoon()
    // Otherwise it is told when the stream is what it asks for.
    if (!opening) synchronize(from)
  }

  function goBackTo(place: string): void {
    if (place && isAfter(at, place)) openSoon(place)
  }

  function synchronize(to?: string): void {
    // Who has nothing to resume from begins where this tab is.
    const frame = { kind: 'connected', cursor: receiver.cursor() } as StreamedFrame
    post({ to, sync: at, channels: streamed, status, frame, heartbeatMs: status ? awayMs : heartbeatMs })
  }

  function close(): void {
    opening?.()
    stream?.close()
    for (const { end } of tabs.values()) end()
  }

  post({ lead: 1 })
  openSoon()
  return { role: () => 'leader', refresh: openSoon, hear, close }
}
