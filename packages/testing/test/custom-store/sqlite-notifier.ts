import { DatabaseSync } from 'node:sqlite'
import type { Notifier } from '@trunkline/core'

const schema = `
  create table if not exists signal (number integer primary key autoincrement, at integer not null, payload text not null)`

interface Signal {
  readonly number: number
  readonly payload: string
}

/** Wakes the processes of one machine: what one writes, all look for every `pollMs`. */
export function sqliteNotifier(path: string, { pollMs = 20 } = {}): Notifier {
  const db = new DatabaseSync(path, { timeout: 5_000 })
  db.exec(`begin immediate; ${schema}; commit`)
  const write = db.prepare('insert into signal (at, payload) values (unixepoch(), ?)')
  // Who was away for longer has missed them, as over a connection that broke.
  const forget = db.prepare('delete from signal where at < unixepoch() - 60')
  const newest = db.prepare('select coalesce(max(number), 0) as number from signal')
  const later = db.prepare('select number, payload from signal where number > ? order by number')

  return {
    async notify(payload) {
      write.run(payload)
      forget.run()
    },
    listen({ onPayload, onListening, onError }) {
      /** The last one heard; null while it does not listen. */
      let heard: number | null = null
      const listen = () => {
        heard = (newest.get() as unknown as Signal).number
        onListening()
      }
      const look = () => {
        try {
          if (heard === null) listen()
          for (const { number, payload } of later.all(heard) as unknown as readonly Signal[]) {
            heard = number
            onPayload(payload)
          }
        } catch (error) {
          // The next look that succeeds establishes it anew, and core reads in the log what was missed.
          heard = null
          onError(error)
        }
      }
      const timer = setInterval(look, pollMs)
      timer.unref() // to listen is no reason for a process to stay alive
      queueMicrotask(look)
      return async () => clearInterval(timer)
    },
    async close() {
      if (db.isOpen) db.close()
    },
  }
}
