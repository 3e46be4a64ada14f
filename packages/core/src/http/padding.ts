import type { Dialect } from '../wire/dialect.ts'

/** What some antivirus programs and proxies wait for before they pass anything on, in characters. */
const padding = ' '.repeat(2_048)

/** The same dialect, with a comment of 2 KiB before the first frame. */
export function padded(dialect: Dialect): Dialect {
  return {
    name: dialect.name,
    event: (event, detailJson, isRaw) => dialect.event(event, detailJson, isRaw),
    open: (state) => {
      const frame = dialect.open(state)
      return { ...frame, comment: frame.comment === undefined ? padding : `${padding}\n${frame.comment}` }
    },
    heartbeat: (cursor) => dialect.heartbeat(cursor),
    reset: (state) => dialect.reset(state),
    end: (reason) => dialect.end(reason),
  }
}
