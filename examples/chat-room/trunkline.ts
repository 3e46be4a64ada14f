import { createTrunkline, type Report } from '@trunkline/core'
import { postgres } from '@trunkline/postgres'

import { events, lobby } from './events.ts'

export interface DatabaseOptions {
  readonly databaseUrl: string
  /** Of its own, so that the chat can be tried in a database that others use. Defaults to 'chat_room'. */
  readonly schema?: string | undefined
  readonly onError: Report
}

/** The trunkline of this process. All processes with the same database and schema are one chat room. */
export function createChatTrunkline({ databaseUrl, schema = 'chat_room', onError }: DatabaseOptions) {
  return createTrunkline({
    ...postgres({ url: databaseUrl, schema, migrate: true }),
    events,
    // The messages are nowhere but in the log, so the log keeps them.
    retention: false,
    canRead: ({ channel }) => channel === lobby,
    onError,
  })
}

export type ChatTrunkline = ReturnType<typeof createChatTrunkline>
