import type { LogEvent, NewEvent, Placed, Store, StoreAudience } from '@trunkline/core'

/** A Store of one's own: a list of events, and the last one that was pruned from it. It has no archive and no transactions. */
export function listStore(): Store {
  const epoch = crypto.randomUUID().slice(0, 8)
  let log: readonly LogEvent[] = []
  let pruned: LogEvent | undefined

  // Nothing in here waits for anything, so each call finds the log whole and leaves it whole.
  const bounds = () => {
    const floor = pruned?.position ?? 0
    return { epoch, floor, head: log.at(-1)?.position ?? floor }
  }

  return {
    async append(events) {
      const grown = [...log]
      const placed = events.map((event): Placed => {
        const first = grown.find(({ idempotencyKey }) => idempotencyKey !== null && idempotencyKey === event.idempotencyKey)
        if (first !== undefined) return { position: first.position, id: first.id, duplicate: true }
        const position = (grown.at(-1)?.position ?? bounds().floor) + 1
        grown.push({ ...event, position })
        return { position, id: event.id, duplicate: false }
      })
      log = grown
      return placed
    },
    async read({ after, audience, limit }) {
      const wanted = log.filter((event) => event.position > after && (audience === 'everything' || isFor(event, audience)))
      const events = wanted.slice(0, limit)
      // A page that was cut off has looked as far as its last event, any other one to the end of the log.
      const through = wanted.length > limit ? (events.at(-1)?.position ?? after) : Math.max(after, bounds().head)
      const standing = [pruned, ...log].find((event) => event?.position === after)
      return { ...bounds(), events, through, tag: standing?.id.slice(-6) ?? null }
    },
    bounds: async () => bounds(),
    async prune({ before = '', keep = log.length, limit }) {
      const young = log.findIndex(({ createdAt }) => createdAt >= before)
      const tooOld = young === -1 ? log.length : young
      const count = Math.min(limit, Math.max(tooOld, log.length - keep))
      pruned = log[count - 1] ?? pruned
      log = log.slice(count)
      return count
    },
  }
}

function isFor({ scope, userId, channel }: NewEvent, audience: StoreAudience): boolean {
  if (scope === 'user') return userId !== null && userId === audience.userId
  return scope === 'global' || (channel !== null && audience.channels.includes(channel))
}
