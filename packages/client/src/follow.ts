import { isAfter } from './place.ts'
import type { Seams } from './seams.ts'
import type { Receiver } from './source.ts'
import { type Message, type Part, type Post, take, type Told } from './tabs.ts'
import { createWatchdog } from './watchdog.ts'

/** In place of a heartbeat: patience with a leader that should answer at once. */
const answerMs = 2_000

/** Hears what another tab's stream says. `onSilence`: nobody has said anything for too long. */
export function startFollowing(
  channels: () => readonly string[],
  receiver: Receiver,
  seams: Seams,
  post: Post,
  onSilence: () => void,
): Part {
  /** Who is heard; empty until that one has told how it stands. */
  let leader = ''
  const watchdog = createWatchdog(seams, onSilence)

  /** Not all followers lose their patience at the same moment. */
  function expect(ms?: number): void {
    watchdog.expect(ms && ms * (1 + seams.random() / 4))
  }

  function refresh(): void {
    // Once the leader is heard, a frame on its way would make a place look behind that is not.
    post({ hello: channels(), cursor: leader ? undefined : receiver.cursor() })
    expect(answerMs)
  }

  /** Not one frame more, until the leader has gone back. */
  function goBack(): void {
    leader = ''
    refresh()
  }

  function isBehind(sync: string): boolean {
    const own = receiver.cursor()
    return own !== '' && isAfter(sync, own)
  }

  function hear(message: Message): void {
    const { from, sync, channels: streamed = [], status, frame, heartbeatMs } = message
    const isKnown = from === leader
    const isSync = sync !== undefined
    if (!isKnown && !isSync) return
    if (isSync && (isBehind(sync) || channels().some((channel) => !streamed.includes(channel)))) return goBack()
    leader = from
    expect(heartbeatMs)
    // That the stream was opened anew is no news to who has heard it all along.
    if (isKnown && isSync) return
    if (status) receiver.onStatus(status)
    // Who has led before says hello, as others do.
    else if (frame && !take(message as Told, channels(), receiver)) goBack()
  }

  refresh()
  return { role: () => 'follower', refresh, hear, close: watchdog.stop }
}
