import { parse, type StreamedFrame } from './frame.ts'
import { isAfter } from './place.ts'
import type { Cancel, Seams } from './seams.ts'
import type { Sharing } from './sharing.ts'
import type { Receiver, Source, SourceStatus } from './source.ts'
import { startStream, type StreamOptions } from './stream.ts'
import { createWatchdog } from './watchdog.ts'

/** As many as a server lets a stream have unless it was told otherwise. */
const maxChannels = 10
/** In place of a heartbeat: patience with a leader that should answer at once, and with one whose server is away. */
const answerMs = 2_000
const awayMs = 30_000
/** How often the server is asked who it is, if its answer does not hold. */
const maxAsked = 3
/** Tabs that are opened together come together. */
const gatherMs = 20

/** What tabs tell each other. */
interface Message {
  readonly from: string
  /** For one tab; otherwise for all. */
  readonly to?: string
  /** I am here, and read these channels: whoever leads, answer with `sync`. */
  readonly hello?: readonly string[]
  readonly bye?: 1
  /** I lead now: say hello. */
  readonly lead?: 1
  /** My stream goes on from here, and stands as `frame` or `status` says. */
  readonly sync?: string
  /** My place, which your stream has passed: go back to it. */
  readonly behind?: string
  readonly frame?: StreamedFrame
  /** Whether a tab asked for the channel of that frame; a server may also choose channels by itself. */
  readonly isAsked?: boolean
  readonly status?: SourceStatus
  /** Connect by yourself. */
  readonly alone?: 1
}

/**
 * One stream for all tabs of a browser that have the same endpoint and identity. The tab that holds the lock leads: it has the stream,
 * with the channels of all, and passes on what comes. Each tab keeps its own place and drops what it has seen; so the leader may go
 * back to the place of whoever is furthest behind, and who joins late, or takes over, misses nothing.
 */
export function startShared(options: StreamOptions, receiver: Receiver, seams: Seams, sharing: Sharing): Source {
  const { url, channels } = options
  const id = String(Math.random())
  let { identity } = options
  let asked = 0
  /** Whether nothing was shown to anybody yet. */
  let isFresh = true
  let role: Source['role'] = 'follower'
  let name = ''
  let bus: ReturnType<Sharing['openBus']> | undefined
  let unlock: Cancel = () => {}
  /** Whom a follower hears; empty until that one has told how it stands. */
  let leader = ''
  let heartbeatMs: number | undefined

  // The leader's own.
  let stream: Source | undefined
  let tabs = new Map<string, readonly string[]>()
  let streamed: readonly string[] = []
  let at = ''
  let backTo = ''
  let status: SourceStatus | null = null
  let opening: Cancel | undefined

  const watchdog = createWatchdog(seams, () => compete(true))

  /** Not all followers lose their patience at the same moment. */
  function expect(ms = 15_000): void {
    watchdog.expect(ms * (1 + seams.random() / 4))
  }

  function post(message: Omit<Message, 'from'>): void {
    bus?.postMessage(JSON.stringify({ from: id, ...message }))
  }

  async function begin(): Promise<void> {
    identity = options.identity ?? (asked++ < maxAsked ? await askIdentity(options) : undefined)
    if (role === 'alone') return
    if (identity) join()
    else goAlone()
  }

  function join(): void {
    // With the version of what tabs say: a page from before a release may still be open.
    name = `trunkline 1 ${url} ${identity}`
    bus = sharing.openBus(name, (text) => hear(parse(text) as unknown as Message))
    compete(false)
    sayHello()
  }

  function leave(): void {
    post({ bye: 1 })
    bus?.close()
    bus = undefined
    step('follower')
    unlock()
  }

  function close(): void {
    stopWaking()
    stopHiding()
    leave()
    role = 'alone'
  }

  function goAlone(): void {
    close()
    stream = startStream({ ...options, identity }, receiver, seams)
  }

  function compete(steal: boolean): void {
    unlock()
    unlock = sharing.lock(name, steal, lead, () => {
      if (role === 'leader') step('follower')
      compete(false)
    })
  }

  function step(into: Source['role']): void {
    watchdog.stop()
    opening?.()
    opening = undefined
    stream?.close()
    stream = undefined
    leader = ''
    role = into
  }

  function lead(): void {
    step('leader')
    at = receiver.cursor()
    status = { status: 'connecting' }
    tabs = new Map()
    post({ lead: 1 })
    openSoon()
  }

  /** Anew, from the place furthest behind: what another channel has said since then was not asked for. */
  function openSoon(from = at): void {
    if (!opening || isAfter(backTo, from)) backTo = from
    opening ??= seams.after(gatherMs, () => {
      opening = undefined
      at = backTo
      // Before the first frame from there: those who are behind wait for it.
      synchronizeOthers()
      if (stream) stream.refresh()
      else
        stream = startStream(
          { ...options, identity, channels: () => (streamed = allChannels()) },
          { cursor: () => at, onFrame, onStatus },
          seams,
        )
    })
  }

  function allChannels(): readonly string[] {
    return [...new Set([channels(), ...tabs.values()].flat())]
  }

  function onFrame(frame: StreamedFrame): void {
    if (frame.cursor !== '') at = frame.cursor
    if (frame.kind === 'connected') {
      heartbeatMs = frame.data.heartbeatMs
      // Going back for one tab is no news to the others.
      if (status === null) return
    }
    status = null
    const isAsked = streamed.includes(channelOf(frame))
    post({ frame, isAsked })
    take(frame, isAsked)
  }

  function onStatus(next: SourceStatus): void {
    status = next
    // A channel of one tab must not end the others.
    if (next.status === 'stopped' && next.reason !== 'unauthorized' && streamed.length > channels().length) {
      post({ alone: 1 })
      return goAlone()
    }
    post({ status: next })
    pass(next)
  }

  /** Of an event in another tab's channel only the place counts. */
  function take(frame: StreamedFrame, isAsked = false): void {
    isFresh = false
    const isOurs = !isAsked || channels().includes(channelOf(frame))
    receiver.onFrame(isOurs ? frame : { kind: 'heartbeat', cursor: frame.cursor, data: null })
  }

  function pass(next: SourceStatus): void {
    if (next.status === 'stopped') {
      // Who it is changed between the question and the stream, as cookies do when many tabs of a new visitor open at once.
      if (isFresh && next.reason === 'unauthorized' && !options.identity) {
        leave()
        return void begin()
      }
      close()
    }
    receiver.onStatus(next)
  }

  function sayHello(): void {
    post({ hello: channels() })
    expect(answerMs)
  }

  function hear(message: Message): void {
    const { from, to = id, lead: isNew, alone, sync } = message
    if (to !== id) return
    if (isNew) {
      step('follower')
      sayHello()
    } else if (role === 'leader') answer(message)
    else if (alone) goAlone()
    else if (sync !== undefined) synchronize(from, sync, message)
    else if (from === leader) follow(message)
  }

  function answer({ from, hello, bye, behind }: Message): void {
    if (bye) tabs.delete(from)
    if (behind && isAfter(at, behind)) openSoon(behind)
    if (!hello) return
    tabs.set(from, hello)
    const all = allChannels()
    if (all.length > maxChannels) {
      tabs.delete(from)
      return post({ to: from, alone: 1 })
    }
    synchronizeOthers(from)
    if (all.some((channel) => !streamed.includes(channel))) openSoon()
  }

  function synchronizeOthers(to?: string): void {
    // Who has nothing to resume from begins where this tab is.
    const frame = { kind: 'connected', cursor: receiver.cursor(), data: { heartbeatMs } } as StreamedFrame
    post({ ...(to && { to }), sync: at, ...(status ? { status } : { frame }) })
  }

  function synchronize(from: string, sync: string, message: Message): void {
    const own = receiver.cursor()
    const isKnown = leader === from
    leader = ''
    if (own !== '' && isAfter(sync, own)) {
      // Not one frame from beyond the gap, until the leader has gone back.
      post({ to: from, behind: own })
      return expect(answerMs)
    }
    leader = from
    if (isKnown) expect(heartbeatMs)
    else follow(message)
  }

  function follow({ frame, isAsked, status: next }: Message): void {
    if (frame) {
      if (frame.kind === 'connected') heartbeatMs = frame.data.heartbeatMs
      expect(heartbeatMs)
      take(frame, isAsked)
    } else if (next) {
      expect(awayMs)
      pass(next)
    }
  }

  function refresh(): void {
    if (role === 'alone') stream?.refresh()
    else if (role === 'leader') openSoon()
    else if (bus) sayHello()
    else if (identity) join()
  }

  // Not on being hidden, which also comes after the page was left.
  const stopWaking = seams.onWake(() => role === 'follower' && !document.hidden && refresh())
  // A page that is kept for going back to would keep the lock.
  const stopHiding = seams.onHide(leave)
  receiver.onStatus({ status: 'connecting' })
  void begin()

  return {
    get role() {
      return role
    },
    refresh,
    close() {
      close()
      stream?.close()
    },
  }
}

/** No channel has an empty name. */
function channelOf(frame: StreamedFrame): string {
  return (frame.kind === 'event' && frame.data.channel) || ''
}

/** Whose stream it would be; undefined when the server does not say. */
async function askIdentity({ url, ask }: StreamOptions): Promise<string | undefined> {
  try {
    return (await ask('HEAD', url)).headers.get('trunkline-identity') ?? undefined
  } catch {
    return undefined
  }
}
