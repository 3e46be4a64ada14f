import { type ListenHandlers, type Stop, TrunklineError } from '@trunkline/core'
import { sql } from 'kysely'

import type { Deployment } from './deployment.ts'
import { Session, type SessionOptions } from './driver/session.ts'
import { Ears } from './ears.ts'
import { toTrunklineError } from './errors.ts'
import { pause } from './pause.ts'
import { quoteName } from './quote.ts'

/** Starts the payloads by which a listener hears itself; nobody else is told of them. */
const probePrefix = 'probe:'

/** What a listener works with. */
export interface ListenerOptions {
  readonly deployment: Deployment
  /** How the connection is made; the rest is the listener's. */
  readonly session: Pick<SessionOptions, 'server' | 'name' | 'parameters' | 'connectMs'>
  readonly handlers: ListenHandlers
}

/**
 * Listens on one connection of its own, for ever: a connection that is lost, or that went deaf without an error, is replaced whole.
 * It counts as listening once a notification has come through, because LISTEN succeeds where none ever will (behind PgBouncer in
 * transaction mode), and a connection can be half open for hours.
 */
export class Listener {
  readonly #options: ListenerOptions
  readonly #stopped = new AbortController()
  #isEstablished = false
  #session: Session | undefined
  /** Wakes the pause between two attempts. */
  #wake: () => void = () => {}
  /** The database was heard to answer since the last attempt began: there is no reason to wait before the next one. */
  #isHurried = false
  #attempts = 0
  /** What was last reported in this outage: said once, unless it becomes another trouble. */
  #reported: string | undefined

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  start(): Stop {
    // A database that answers again is a reason not to sit out a pause of 30 s.
    const forget = this.#options.deployment.onUsable(() => {
      this.#isHurried = true
      this.#wake()
    })
    void this.#goOn()
    return async () => {
      this.#stopped.abort()
      forget()
      this.#session?.end()
    }
  }

  get isListening(): boolean {
    return this.#isEstablished && !this.#stopped.signal.aborted
  }

  /** Tells again that it listens, when it does: something else that kept events from coming is over. */
  confirm(): void {
    if (this.isListening) this.#options.handlers.onListening()
  }

  async #goOn(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#listen()
      } catch (error) {
        if (this.#stopped.signal.aborted) return
        this.#tell(error)
        await this.#pause()
      }
    }
  }

  /** Listens until the connection is lost; never resolves otherwise. */
  async #listen(): Promise<void> {
    const { deployment } = this.#options
    this.#isHurried = false
    // Asked each time: a log that was made anew has another channel.
    const { channel } = await deployment.one(sql<{ readonly channel: string }>`select channel from ${deployment.name('meta')}`)
    if (this.#stopped.signal.aborted) return
    const ears = new Ears((payload) => this.#hear(payload))
    const over = new AbortController()
    const session = this.#open(ears, () => over.abort())
    this.#session = session
    try {
      await withinMs(deployment.timings.queryMs, session.run(`listen ${quoteName(channel)}`, []))
      await this.#stayAlive(ears, over.signal)
    } catch (error) {
      throw toTrunklineError(error, this.#options.session.server.description, deployment.schema)
    } finally {
      session.end()
    }
  }

  /** Probes at once, and whenever nothing was heard for a while. Ends with an error: the connection is lost, or deaf. */
  async #stayAlive(ears: Ears, over: AbortSignal): Promise<never> {
    const { probeAfterMs, probeAnswerMs } = this.#options.deployment.timings
    for (;;) {
      const asked = performance.now()
      if (await this.#probe()) {
        await ears.heardSince(asked, probeAnswerMs, over)
        if (!over.aborted && ears.heardAt < asked) throw deaf(probeAnswerMs)
      } else {
        // A queue that is nearly full takes no probes; whoever cannot be probed is believed.
        this.#established()
      }
      await ears.quiet(probeAfterMs, over)
      if (over.aborted) throw new TrunklineError('listen_failed', 'The LISTEN connection was closed.')
    }
  }

  /** Through the pool and the database, and the channel as it is now. Resolves with whether there was room in the queue. */
  async #probe(): Promise<boolean> {
    const { deployment } = this.#options
    const nonce = `${probePrefix}${crypto.randomUUID()}`
    const { sent } = await deployment.one(sql<{ readonly sent: string }>`
      select (pg_notification_queue_usage() <= 0.8)::text as sent,
        case when pg_notification_queue_usage() <= 0.8 then pg_notify(channel, ${nonce}::text)::text end as nothing
      from ${deployment.name('meta')}`)
    return sent === 'true'
  }

  #open(ears: Ears, onEnd: () => void): Session {
    return new Session({ ...this.#options.session, prepare: false, onNotify: (payload) => ears.hear(payload), onEnd })
  }

  #hear(payload: string): void {
    if (this.#stopped.signal.aborted) return
    try {
      // Whatever comes first proves that it listens, and core is told so before it gets a payload.
      this.#established()
      if (!payload.startsWith(probePrefix)) this.#options.handlers.onPayload(payload)
    } catch (error) {
      // Thrown on, it would end in the driver, which tells nobody.
      this.#options.handlers.onError(error)
    }
  }

  #established(): void {
    if (this.#isEstablished) return
    this.#isEstablished = true
    this.#attempts = 0
    this.#reported = undefined
    this.#options.handlers.onListening()
  }

  #tell(error: unknown): void {
    this.#isEstablished = false
    const trouble = troubleOf(error)
    if (trouble === this.#reported) return
    this.#reported = trouble
    this.#options.handlers.onError(error)
  }

  /** None before the first attempt of an outage; then longer and longer, unless the database is heard to answer. */
  async #pause(): Promise<void> {
    const attempt = this.#attempts++
    if (attempt === 0 || this.#isHurried) return
    const [fromMs, toMs] = this.#options.deployment.timings.relistenMs
    const ms = Math.min(toMs, fromMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await pause(ms, AbortSignal.any([woken.signal, this.#stopped.signal]))
    this.#wake = () => {}
  }
}

/** A connection that was lost and one that cannot be made are the same outage. */
function troubleOf(error: unknown): string {
  if (!(error instanceof TrunklineError)) return 'unknown'
  return error.code === 'listen_failed' ? 'store_unavailable' : error.code
}

function deaf(ms: number): TrunklineError {
  return new TrunklineError(
    'listen_deaf',
    `LISTEN succeeded, but a notification sent through the database did not come back within ${ms} ms. The LISTEN connection leads through a pooler in transaction mode (PgBouncer), to another server than url, or is half open. Set listenUrl to a direct connection to the primary.`,
  )
}

function withinMs<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
