import type { IncomingMessage, Server } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

import { createTrunkline, memory, type Trunkline } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'

import { detailOf } from './event.ts'
import { serve, type Publication, type ServerMethods, type SocketMethods } from './server.ts'

/** What a server with a trunkline can be asked for besides. */
export interface TrunklineMethods extends ServerMethods, SocketMethods {
  stats(): ReturnType<Trunkline['stats']>
  publishOneByOne(events: number, userId?: string): Promise<void>
  /** Of the log's head. */
  cursor(): Promise<string>
  /** Resolves when this process has followed the log to its head. */
  caughtUp(): Promise<void>
}

/**
 * A trunkline as a user gets it: every option at its default, `canRead` given because channels are closed without it. With
 * `DATABASE_URL` in the environment on PostgreSQL, else in memory. With `BENCH_HOOKS` both hooks are on and let everything pass.
 */
export async function serveTrunkline(createServer: (trunkline: Trunkline) => Server): Promise<void> {
  const { DATABASE_URL: url, BENCH_HOOKS: hooks } = process.env
  const ports = url === undefined ? memory() : postgres({ url, migrate: true })
  const trunkline: Trunkline = createTrunkline({
    ...ports,
    canRead: () => true,
    ...(hooks === undefined ? {} : { onReceive: (event) => event, beforeSend: (event) => event }),
  })
  await trunkline.start()
  let events = 0

  const itemOf = ({ userId, bytes }: Omit<Publication, 'count'>) => {
    const event = { type: 'measured', detail: detailOf(++events, bytes) }
    return userId === undefined ? ({ ...event, scope: 'global' } as const) : ({ ...event, scope: 'user', userId } as const)
  }
  await serve(createServer(trunkline), {
    publish: async ({ count, ...rest }) => {
      await trunkline.publishMany(Array.from({ length: count }, () => itemOf(rest)))
    },
    publishOneByOne: async (count: number, userId?: string) => {
      for (let n = 0; n < count; n++) await trunkline.publishMany([itemOf(userId === undefined ? {} : { userId })])
    },
    stats: () => trunkline.stats(),
    cursor: () => trunkline.cursor('head'),
    caughtUp: async () => {
      const head = await trunkline.cursor('head')
      while ((trunkline.stats().tail.cursor ?? '') < head) await pause(5)
    },
  })
}

/** Whom a request is from: `?user=`. */
export function identify({ url = '' }: Pick<IncomingMessage, 'url'> | { readonly url: string }): string | null {
  const query = url.indexOf('?')
  return query === -1 ? null : new URLSearchParams(url.slice(query)).get('user')
}
