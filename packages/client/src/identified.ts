import type { KeptPlace } from './kept-place.ts'
import type { Place } from './place.ts'
import type { Receiver } from './source.ts'
import type { StreamOptions } from './stream.ts'

/** How often the server is asked who it is, if its answer does not hold. */
const maxAsked = 3

/**
 * Finds out whose page it is (the cookie that says it may be hidden from scripts), takes up the place that was kept for that person, and
 * starts. `mayShare`: what is started needs to know who it is.
 */
export function startIdentified(
  options: StreamOptions,
  receiver: Receiver,
  place: Place,
  keptPlace: KeptPlace | undefined,
  mayShare: boolean,
  start: (options: StreamOptions, receiver: Receiver) => void,
): void {
  const { keptFor, kept = '', keep } = keptPlace ?? {}
  const ownPlace = place.cursor
  let asked = 0
  let isFresh = true

  async function begin(): Promise<void> {
    const isUnknown = !options.identity && (mayShare || kept) && asked++ < maxAsked
    let identity = isUnknown ? await options.ask('HEAD', options.url).then(identityOf, () => null) : options.identity
    // The page's own comes first: it is what its data were read at.
    if (isFresh) place.jump(ownPlace || (identity === keptFor ? kept : ''))
    start(
      { ...options, identity },
      {
        ...receiver,
        onFrame(frame) {
          isFresh = false
          receiver.onFrame(frame)
          if (frame.kind === 'connected') {
            // It could not be asked then. Now it can.
            if (identity === null) void begin()
            else identity ??= frame.data.identity
          }
          if (identity) keep?.(identity)
        },
        onStatus(status) {
          // Who it is changed between the question and the stream, as cookies do when many tabs of a new visitor open at once.
          if (isFresh && isUnknown && identity && (status as { readonly reason?: string }).reason === 'unauthorized') void begin()
          else receiver.onStatus(status)
        },
      },
    )
  }
  void begin()
}

/** Undefined when the server does not say, null when it is no time to ask. */
function identityOf({ ok, headers }: Response): string | undefined | null {
  return headers.get('trunkline-identity') ?? (ok ? undefined : null)
}
