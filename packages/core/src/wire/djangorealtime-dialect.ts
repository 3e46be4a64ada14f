import type { Dialect } from './dialect.ts'
import { idOf } from './frame.ts'
import { comeBack } from './retry.ts'

/** What DjangoRealtime's client expects: unnamed events, whose data is the detail with the type in it. Ids are added: it may resume. */
export const djangorealtimeDialect: Dialect = {
  name: 'djangorealtime',
  event: ({ type, cursor }, detailJson) => ({ ...idOf(cursor), data: withType(detailJson.trim(), JSON.stringify(type)) }),
  open: ({ cursor }) => ({ ...idOf(cursor), data: '{"type":"connected"}' }),
  // An id without data moves a client's place and fires nothing (HTML standard, 9.2.6).
  heartbeat: (cursor) => ({ comment: 'heartbeat', ...idOf(cursor) }),
  reset: ({ cursor, reason, channels }) => ({ ...idOf(cursor), data: JSON.stringify({ type: 'reset', reason, channels }) }),
  end: () => ({ retry: comeBack() }),
}

/** The detail's own text, with the type as its last member, so that it wins over one of the detail's. What is no object becomes `detail`. */
function withType(detailJson: string, type: string): string {
  if (!detailJson.startsWith('{')) return `{"detail":${detailJson},"type":${type}}`
  const members = detailJson.slice(1, -1).trim()
  return members === '' ? `{"type":${type}}` : `{${members},"type":${type}}`
}
