import { startFollowing } from './follow.ts'
import { parse } from './frame.ts'
import { startLeading } from './lead.ts'
import type { Cancel, Seams } from './seams.ts'
import type { Sharing } from './sharing.ts'
import type { Receiver, Role, Source } from './source.ts'
import { startStream, type StreamOptions } from './stream.ts'
import type { Message, Part } from './tabs.ts'

/**
 * One stream for all tabs of a browser that have the same endpoint and identity. The tab that holds the lock leads: it has the stream,
 * with the channels of all, and passes on what comes. Each tab keeps its own place and drops what it has seen; so the leader may go
 * back to the place of whoever is furthest behind, and who joins late, or takes over, misses nothing.
 */
export function startShared(options: StreamOptions, receiver: Receiver, seams: Seams, sharing: Sharing): Source {
  // With the version of what tabs say: a page from before a release may still be open.
  const name = `trunkline 2 ${options.url} ${options.identity}`
  let id = ''
  let bus: ReturnType<Sharing['openBus']> | undefined
  /** Undefined while the page is kept for going back to, and until it may begin. */
  let part: Part | undefined
  let isOver = false
  /** Gives back the lock of who leads, and the one that shows that this tab is there. */
  let unlock: Cancel = () => {}
  let vanish: Cancel = () => {}

  function role(): Role {
    return part?.role() ?? 'follower'
  }

  function join(): void {
    vanish()
    // Another one each time: a tab that comes back is not the one that has gone.
    id = `${name} ${Math.random()}`
    // Before it is heard of. Where the page may have no locks after all, this is where it turns out.
    vanish = sharing.lock(id, false, enter, goAlone)
  }

  function enter(): void {
    bus = sharing.openBus(name, (text) => hear(parse(text) as unknown as Message))
    compete(false)
    follow()
  }

  /** A page that is kept for going back to would keep the locks. */
  function leave(): void {
    part?.close()
    part = undefined
    bus?.close()
    unlock()
    vanish()
  }

  function leaveForGood(): void {
    stopWaking()
    stopHiding()
    leave()
  }

  function close(): void {
    isOver = true
    leaveForGood()
  }

  function become(start: () => Part): void {
    part?.close()
    part = start()
    // A listener may have closed the client.
    if (isOver) part.close()
  }

  function goAlone(): void {
    leaveForGood()
    become(() => startStream(options, receiver, seams))
  }

  function follow(): void {
    become(() => startFollowing(options.channels, receiver, seams, post, () => compete(true)))
  }

  function lead(): void {
    become(() => startLeading(options, receiver, seams, post, watch, goAlone))
  }

  function compete(steal: boolean): void {
    unlock()
    unlock = sharing.lock(name, steal, lead, () => {
      if (role() === 'leader') follow()
      compete(false)
    })
  }

  /** A tab that crashes says no goodbye, but gives its lock back. */
  function watch(tab: string, onGone: () => void): Cancel {
    const end = sharing.lock(tab, false, () => {
      end()
      onGone()
    })
    return end
  }

  function post(message: Omit<Message, 'from'>): void {
    bus?.postMessage(JSON.stringify({ ...message, from: id }))
  }

  function hear(message: Message): void {
    const { to = id, lead: isNew, alone } = message
    if (to !== id) return
    if (isNew) follow()
    else if (alone) goAlone()
    else part?.hear?.(message)
  }

  function refresh(): void {
    if (part) part.refresh()
    else if (!isOver) join()
  }

  // Not on being hidden, which also comes after the page was left.
  const stopWaking = seams.onWake(() => role() === 'follower' && !document.hidden && refresh())
  const stopHiding = seams.onHide(leave)
  join()

  return { role, refresh, close }
}
