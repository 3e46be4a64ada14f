import type { ChatTrunkline } from './trunkline.ts'
import { lobby } from './events.ts'
import type { Person } from './person.ts'

/** A message as the page and GET /messages show it. */
export interface Message {
  readonly id: string
  readonly name: string
  readonly text: string
  /** The port of the server process it was sent to. */
  readonly port: number
  readonly createdAt: string
}

export interface History {
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** Where the page before this one ends; null at the beginning of the chat. */
  readonly next: string | null
}

/** The newest messages, or those before a cursor, straight from the log. */
export async function readHistory(trunkline: ChatTrunkline, before: string | null = null): Promise<History> {
  const filter = { channel: lobby, type: 'chat_message', limit: 30 }
  const { events, next } = await trunkline.find(before === null ? filter : { ...filter, before })
  const messages = events.flatMap((event) =>
    event.type === 'chat_message' ? [{ id: event.id, createdAt: event.createdAt, ...event.detail }] : [],
  )
  return { messages: messages.toReversed(), next }
}

/**
 * Sends a message. `key` is the page's own: a page that got no answer sends the message again with the same key, and it is not said
 * twice.
 */
export async function sendMessage(
  trunkline: ChatTrunkline,
  { from, text, port, key }: { from: Person; text: string; port: number; key: string | null },
): Promise<{ id: string }> {
  const { id } = await trunkline.publishToChannel({
    channel: lobby,
    type: 'chat_message',
    detail: { name: from.name, text, port },
    ...(key !== null && { idempotencyKey: `${from.id}:${key}` }),
  })
  return { id }
}
