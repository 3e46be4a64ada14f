import { DatabaseSync } from 'node:sqlite'
import {
  type LogBounds,
  type LogEvent,
  type NewEvent,
  type Placed,
  type Store,
  type StoreAudience,
  TrunklineError,
} from '@trunkline/core'

const schema = `
  -- autoincrement: a position is never given twice, also when the newest events were pruned
  create table if not exists log (
    position integer primary key autoincrement,
    id text not null,
    audience text not null,
    created_at text not null,
    idempotency_key text unique,
    event text not null
  );
  create index if not exists log_audience on log (audience, position);
  create table if not exists life (epoch text not null, floor integer not null, floor_tag text);
  insert into life select lower(hex(randomblob(6))), 0, null where not exists (select 1 from life);`

/** What bodies of one page may have together, in characters, before its last event. */
const maxPageLength = 256 * 1_024

interface Row {
  readonly position: number
  readonly id: string
  readonly event: string
}

/** The log in a file of SQLite: for the processes of one machine. */
export function sqliteStore(path: string): Store {
  const db = new DatabaseSync(path, { timeout: 5_000 })

  /** SQLite has one writer at a time: who begins immediately has taken its turn, so positions follow the order of commits. */
  const transaction = <T>(begin: 'begin' | 'begin immediate', work: () => T): T => {
    try {
      db.exec(begin)
      const result = work()
      db.exec('commit')
      return result
    } catch (cause) {
      if (db.isTransaction) db.exec('rollback')
      // No event is to blame, since any text fits: a busy file, a full disk. Core does not try the events one by one then.
      throw new TrunklineError('store_unavailable', `SQLite could not use ${path}: ${String(cause)}`, { cause })
    }
  }
  transaction('begin immediate', () => db.exec(schema))

  const insert = db.prepare('insert into log (id, audience, created_at, idempotency_key, event) values (?, ?, ?, ?, ?)')
  const byKey = db.prepare('select position, id from log where idempotency_key = ?')
  const byPosition = db.prepare('select id from log where position = ?')
  const everything = db.prepare('select position, event from log where position > ? order by position')
  const visible = db.prepare(
    'select position, event from log where position > ? and audience in (select value from json_each(?)) order by position',
  )
  const life = db.prepare(
    'select epoch, floor, floor_tag as floorTag, coalesce((select max(position) from log), floor) as head from life',
  )
  const overdue = db.prepare(`
    select position, id from log
    where position < coalesce((select position from log where created_at >= :before order by position limit 1), 9e15)
      or position <= (select position from log order by position desc limit 1 offset :keep)
    order by position limit :limit`)
  const forget = db.prepare('delete from log where position <= ?')
  const moveFloor = db.prepare('update life set floor = ?, floor_tag = ?')

  const place = (event: NewEvent): Placed => {
    const first = event.idempotencyKey === null ? undefined : (byKey.get(event.idempotencyKey) as Row | undefined)
    if (first !== undefined) return { position: first.position, id: first.id, duplicate: true }
    const { id, createdAt, idempotencyKey } = event
    const { lastInsertRowid } = insert.run(id, audienceOf(event), createdAt, idempotencyKey, JSON.stringify(event))
    return { position: Number(lastInsertRowid), id, duplicate: false }
  }
  const now = () => life.get() as unknown as LogBounds & { readonly floorTag: string | null }

  return {
    append: async (events) => transaction('begin immediate', () => events.map(place)),

    // One transaction: bounds and events are of the same instant.
    read: async ({ after, audience, limit }) =>
      transaction('begin', () => {
        const { epoch, floor, floorTag, head } = now()
        const rows =
          audience === 'everything' ? everything.iterate(after) : visible.iterate(after, JSON.stringify(keysOf(audience)))
        const events: LogEvent[] = []
        let through = Math.max(after, head)
        let length = 0
        for (const { position, event } of rows as unknown as Iterable<Row>) {
          if (events.length === limit || length >= maxPageLength) {
            through = events.at(-1)?.position ?? after
            break
          }
          events.push({ ...(JSON.parse(event) as NewEvent), position })
          length += event.length
        }
        const standing = byPosition.get(after) as Row | undefined
        return { epoch, floor, head, events, through, tag: after === floor ? floorTag : tagOf(standing) }
      }),

    bounds: async () =>
      transaction('begin', () => {
        const { epoch, floor, head } = now()
        return { epoch, floor, head }
      }),

    prune: async ({ before = '', keep = Number.MAX_SAFE_INTEGER, limit }) =>
      transaction('begin immediate', () => {
        const gone = overdue.all({ before, keep, limit }) as unknown as readonly Row[]
        const last = gone.at(-1)
        if (last === undefined) return 0
        forget.run(last.position)
        moveFloor.run(last.position, tagOf(last))
        return gone.length
      }),

    close: async () => {
      if (db.isOpen) db.close()
    },
  }
}

/** What cursors remember of the event they stand on. */
function tagOf(row: Row | undefined): string | null {
  return row === undefined ? null : row.id.slice(-6)
}

/** One column says who may see an event. What belongs to nobody is for the tail alone. */
function audienceOf({ scope, userId, channel }: NewEvent): string {
  if (scope === 'user' && userId !== null) return `user ${userId}`
  if (scope === 'channel' && channel !== null) return `channel ${channel}`
  return scope === 'global' ? 'global' : 'nobody'
}

function keysOf({ userId, channels }: StoreAudience): readonly string[] {
  return ['global', ...(userId === null ? [] : [`user ${userId}`]), ...channels.map((channel) => `channel ${channel}`)]
}
