import { createTrunkline, type Reader, type SendContext, type Trunkline } from '@trunkline/core'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'

// By path: as dependencies they would make a circle of packages, and no order to build them in.
import { postgres, type PostgresTransaction } from '../../../postgres/src/index.ts'

/** Three schema libraries in one catalogue: a transform, a union, a default and optional parts. */
export const events = {
  task_complete: v.object({ task_id: v.number(), status: v.string(), at: v.optional(v.date()) }),
  page_imported: v.object({ ':id': v.union([v.number(), v.string()]), title: v.string() }),
  'chat:message': z.object({ text: z.string().default('…'), ':id': z.string() }),
  tick: type({ 'n?': 'number' }),
} as const

export interface AppUser {
  readonly email: string
  readonly admin: boolean
}

/** The event types of {@link events}. */
export type AppEvents = typeof trunkline extends Trunkline<infer E, PostgresTransaction, AppUser> ? E : never

// Nothing here is run: these files are read by the type checker alone.
export const trunkline = createTrunkline({
  ...postgres({ url: process.env['DATABASE_URL'] }),
  events,
  onReceive: (event) => event,
  beforeSend: (event, { audience }: SendContext<AppUser>) => (audience.user?.admin ? event : null),
  canRead: async ({ channel, user }: Reader<AppUser>) => channel.startsWith('room-') || user?.admin === true,
  retention: { maxAgeMs: 86_400_000 },
})
