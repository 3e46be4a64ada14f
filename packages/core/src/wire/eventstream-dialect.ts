import type { CloseReason, Dialect } from './dialect.ts'
import { type Frame, idOf } from './frame.ts'
import { comeBack } from './retry.ts'

const errors: Partial<Record<CloseReason, { readonly condition: string; readonly text: string }>> = {
  forbidden: { condition: 'forbidden', text: 'Permission to read these channels was taken back.' },
}

/** What clients of django-eventstream expect: events named by their type, whose data is the detail alone. */
export const eventstreamDialect: Dialect = {
  name: 'eventstream',
  event: ({ type, detail, cursor }, detailJson, isRaw): Frame => ({
    event: type,
    ...idOf(cursor),
    data: isRaw ? String(detail) : detailJson,
  }),
  // The place is on these as well: its clients take the id of any event for it, also of one that has none.
  open: ({ cursor }) => ({ event: 'stream-open', ...idOf(cursor), data: '' }),
  heartbeat: (cursor) => ({ event: 'keep-alive', ...idOf(cursor), data: '' }),
  reset: ({ cursor, channels }) => ({ event: 'stream-reset', ...idOf(cursor), data: JSON.stringify({ channels }) }),
  end(reason) {
    const error = errors[reason]
    // With this id it comes back once more, is refused with 400, and stays away.
    return error === undefined ? { retry: comeBack() } : { event: 'stream-error', id: 'error', data: JSON.stringify(error) }
  },
}
