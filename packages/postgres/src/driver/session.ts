import type { Socket } from 'node:net'
import postgresJs from 'postgres'

import type { Server } from './server.ts'
import { openSocket } from './socket.ts'

/** A row, every column of it as text. Column names are one lower-case word, whatever a caller's instance makes of others. */
export type Row = Readonly<Record<string, string | null>>

/** How a session is opened. */
export interface SessionOptions {
  readonly server: Server
  /** What the server's monitoring shows, unless the URL gives an application_name. */
  readonly name: string
  /** Startup parameters beside the server's own. */
  readonly parameters: Readonly<Record<string, string>>
  /** Whether statements are prepared on the server. Not behind a transaction pooler. */
  readonly prepare: boolean
  readonly connectMs: number
  readonly onNotify?: (payload: string) => void
  readonly onEnd?: () => void
}

/**
 * One session with the server: a postgres.js instance with one connection, which it opens on first use and never opens again.
 *
 * What comes after a lost connection is where postgres.js hangs, crashes and waits 20 s (porsager/postgres 1154, 1208; its backoff), so
 * that part of it is not used: a session that is over is thrown away whole. Its socket is ours, so that it can be let go of while idle
 * (a script then ends by itself) and destroyed when the other side is gone without a word.
 */
export class Session {
  readonly #sql: postgresJs.Sql
  readonly #options: SessionOptions
  #socket: Socket | undefined
  #opened = false
  #ended = false
  #idle = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { server, onNotify } = options
    const settings = {
      ...server.rest,
      host: server.hosts[0]?.host ?? 'localhost',
      port: server.hosts[0]?.port ?? 5432,
      database: server.database,
      username: server.user,
      ssl: server.ssl,
      password: () => this.#password,
      max: 1,
      idle_timeout: undefined,
      max_lifetime: null,
      connect_timeout: options.connectMs / 1000,
      fetch_types: false,
      prepare: options.prepare,
      connection: { application_name: options.name, ...server.parameters, ...options.parameters },
      onnotice: () => {},
      onnotify: (_channel: string, payload: string) => onNotify?.(payload),
      onclose: () => this.end(),
      socket: () => this.#open(),
    }
    // `socket`, `onnotify` and `password` functions are missing from or narrower in the driver's types than in its code.
    this.#sql = postgresJs(settings as unknown as postgresJs.Options<{}>)
  }

  #password = ''

  /** Whether it is over: no further statement can be run. */
  get ended(): boolean {
    return this.#ended
  }

  /** Runs one statement outside of any transaction. Without parameters it may be several, which are then one transaction. */
  async run(text: string, parameters: readonly (string | null)[], afresh = false): Promise<readonly Row[]> {
    try {
      return (await this.#sql.unsafe(text, [...parameters], { prepare: this.#options.prepare && !afresh })) as readonly Row[]
    } catch (error) {
      // A statement that failed leaves the session as good as new; everything else (a FATAL error, a lost connection) ends it.
      if (!isStatementError(error)) this.end()
      throw error
    }
  }

  /** Says whether the process may end although this session is open. */
  setIdle(idle: boolean): void {
    this.#idle = idle
    if (idle) this.#socket?.unref()
    else this.#socket?.ref()
  }

  /** Ends it now. What was running is rejected; nothing is waited for. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    // Says goodbye, and rejects what was running.
    this.#sql.end({ timeout: 0 }).catch(() => {
      // There is nobody to say goodbye to.
    })
    const socket = this.#socket
    socket?.unref()
    // A dead peer would hold the socket for a quarter of an hour.
    setTimeout(() => socket?.destroy(), 250).unref()
    this.#options.onEnd?.()
  }

  async #open(): Promise<Socket> {
    const { server, connectMs } = this.#options
    // The driver calls this again by itself when the server closed the connection before it was ready.
    if (this.#opened || this.#ended) throw new Error(this.#ended ? 'the session was ended' : 'the server closed the connection')
    this.#opened = true
    this.#password = typeof server.password === 'function' ? await server.password() : server.password
    const socket =
      server.openSocket === undefined ? await openSocket(server, connectMs) : ((await server.openSocket(server)) as Socket)
    if (this.#ended) {
      socket.destroy()
      throw new Error('the session was ended')
    }
    this.#socket = socket
    if (this.#idle) socket.unref()
    return socket
  }
}

/** Whether the server refused the statement and goes on, rather than the session being over. */
function isStatementError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { severity, code } = error as { readonly severity?: unknown; readonly code?: unknown }
  return severity === 'ERROR' && typeof code === 'string'
}
