import type { Notifier } from '@trunkline/core'
import { sql } from 'kysely'

import type { Deployment } from './deployment.ts'
import { Listener, type ListenerOptions } from './listener.ts'
import type { RelayTroubles } from './relay-troubles.ts'
import { startSweeping } from './sweeper.ts'

/** What a notifier works with. */
export interface NotifierOptions extends Pick<ListenerOptions, 'deployment' | 'session'> {
  readonly troubles: RelayTroubles
}

/** NOTIFY through the pool; LISTEN on a connection of its own, and with it the sweeps of the outbox. */
export function createNotifier({ deployment, session, troubles }: NotifierOptions): Notifier {
  return {
    // PostgreSQL refuses 8,000 bytes; the channel's name is not counted.
    maxPayloadBytes: 7_999,
    async notify(payload) {
      await deployment.ready()
      // Once: said twice, an event that is not stored would reach clients twice.
      await deployment.run(notifyQuery(deployment, payload))
    },
    async queueUsage() {
      const { usage } = await deployment.one(sql<{ readonly usage: string }>`select pg_notification_queue_usage()::text as usage`)
      return Number(usage)
    },
    listen(handlers) {
      // A sweep that fails keeps events from coming as a lost connection does, and is told in the same way: to core it is one outage.
      let isTroubled = false
      const listener = new Listener({
        deployment,
        session,
        handlers: {
          ...handlers,
          onListening() {
            isTroubled = false
            handlers.onListening()
          },
        },
      })
      const forget = troubles.tell({
        onTrouble(error) {
          // A listener that does not listen tells why by itself.
          if (!listener.isListening) return
          isTroubled = true
          handlers.onError(error)
        },
        onOver() {
          if (isTroubled) listener.confirm()
        },
      })
      const stopListening = listener.start()
      const stopSweeping = startSweeping(deployment, troubles)
      return async () => {
        forget()
        await Promise.all([stopListening(), stopSweeping()])
      }
    },
  }
}

function notifyQuery(deployment: Deployment, payload: string) {
  // The channel as it is now: a log that was made anew has another one.
  return sql`select pg_notify(m.channel, ${payload}::text)::text as nothing from ${deployment.name('meta')} m`
}
