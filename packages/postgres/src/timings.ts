/** Every limit and pause, in one place and in milliseconds, so that tests can shorten them. */
export interface Timings {
  /** How long a connection attempt may take. */
  readonly connectMs: number
  /** How long a statement may take, and how long one may wait for a free lane. */
  readonly queryMs: number
  /** How long one attempt to append may take. Shorter: a lost reply is only noticed by it, and the repeat is safe. */
  readonly appendMs: number
  /** How long append goes on trying. */
  readonly appendDeadlineMs: number
  /** How long a text search may take. */
  readonly searchMs: number
  /** After this long without work a lane closes its connection. */
  readonly idleMs: number
  /** How long close() waits for what is in flight. */
  readonly closeMs: number
  /** How often the outbox is swept for what other processes left. */
  readonly sweepMs: number
  /** Pauses between questions about open transactions: from, to. */
  readonly settleMs: readonly [from: number, to: number]
  /** Pauses between attempts to listen: from, to. The first attempt is made at once. */
  readonly relistenMs: readonly [from: number, to: number]
  /** After this long without hearing anything the listener probes itself. */
  readonly probeAfterMs: number
  /** How long a probe may take to come back. */
  readonly probeAnswerMs: number
}

/** What applies outside of tests. */
export const defaultTimings: Timings = {
  connectMs: 5_000,
  queryMs: 5_000,
  appendMs: 3_000,
  appendDeadlineMs: 10_000,
  searchMs: 15_000,
  idleMs: 20_000,
  closeMs: 2_000,
  sweepMs: 1_000,
  settleMs: [1, 250],
  relistenMs: [100, 30_000],
  probeAfterMs: 15_000,
  probeAnswerMs: 4_000,
}
