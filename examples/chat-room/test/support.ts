import { type ClientOptions, connect } from '@trunkline/client'
import { inject, onTestFinished } from 'vitest'

import { createDeployment } from '../../../e2e/support/deployment.ts'
import { type ChatRoom, type ChatRoomOptions, startChatRoom } from '../chat-room.ts'
import type { History } from '../messages.ts'
import type { events } from '../events.ts'

/** Starts two processes of one chat room, in a schema of their own that goes with the test. */
export async function startRooms(options: Partial<ChatRoomOptions> = {}): Promise<readonly [ChatRoom, ChatRoom]> {
  const { url: databaseUrl, schema, ...deployment } = await createDeployment(inject('databaseUrl'))
  onTestFinished(() => deployment[Symbol.asyncDispose]())
  const onError = (error: unknown, where: string): void => console.error(where, error)
  const start = (): Promise<ChatRoom> => startChatRoom({ databaseUrl, schema, port: 0, onError, ...options })
  const rooms = await Promise.all([start(), start()])
  onTestFinished(async () => void (await Promise.all(rooms.map((room) => room.stop()))))
  return rooms
}

/** What a browser does: keeps a cookie, fetches pages, posts forms, holds a stream. */
export interface Visitor {
  get(url: string): Promise<Response>
  post(url: string, fields?: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Posts a message that has to be taken. Resolves with its id. */
  say(room: ChatRoom, text: string): Promise<string>
  history(room: ChatRoom, before?: string): Promise<History>
  /** Resolves when the stream is open. Who must hear the very first event listens in `prepare`. */
  stream(room: ChatRoom, options?: ClientOptions, prepare?: (client: Stream) => void): Promise<Stream>
}

export type Stream = ReturnType<typeof connect<typeof events>>

export async function visit(room: ChatRoom, name?: string): Promise<Visitor> {
  let cookie = ''
  const visitor: Visitor = {
    get: (url) => fetch(url, { headers: { cookie } }),
    async post(url, fields = {}, headers = {}) {
      const body = new URLSearchParams(fields)
      const response = await fetch(url, { method: 'POST', body, headers: { cookie, ...headers }, redirect: 'manual' })
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
      return response
    },
    async say({ url }, text) {
      const response = await visitor.post(`${url}/messages`, { text })
      if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
      return ((await response.json()) as { id: string }).id
    },
    async history({ url }, before) {
      const query = before === undefined ? '' : `?before=${encodeURIComponent(before)}`
      return (await visitor.get(`${url}/messages${query}`)).json() as Promise<History>
    },
    async stream({ url }, options = {}, prepare) {
      const client = connect<typeof events>({ endpoint: `${url}/realtime/sse`, headers: () => ({ cookie }), ...options })
      onTestFinished(() => client.close())
      prepare?.(client)
      await new Promise<void>((resolve) => client.onState(({ status }) => status === 'open' && resolve()))
      return client
    },
  }
  if (name !== undefined) await visitor.post(`${room.url}/name`, { name })
  return visitor
}
