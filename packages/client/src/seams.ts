import { realSharing, type Sharing } from './sharing.ts'
import { onHide, onWake } from './wake.ts'

/** Takes back what was arranged. Calling it again does nothing. */
export type Cancel = () => void

/** What the client takes from its surroundings. Not part of the public options: tests hold these still. */
export interface Seams {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** From 0 up to 1. */
  readonly random: () => number
  /** Wall clock in milliseconds: it goes on while a laptop sleeps, timers do not. */
  readonly now: () => number
  readonly after: (ms: number, task: () => void) => Cancel
  readonly onWake: (task: () => void) => Cancel
  /** The page is left; it may be kept for going back to. */
  readonly onHide: (task: () => void) => Cancel
  /** What lives as long as a tab. Throws where the page may have none; undefined outside of pages. */
  readonly storage: () => Pick<Storage, 'getItem' | 'setItem'> | undefined
  /** Left out where tabs cannot share a connection. */
  readonly sharing?: Sharing | undefined
}

/** A longer timeout overflows and fires at once. */
const maxTimeoutMs = 2 ** 31 - 1

/** The surroundings as they are. */
export const realSeams: Seams = {
  // Looked up at each call, and called without `this`: a page may wrap fetch later.
  fetch: (url, init) => fetch(url, init),
  random: Math.random,
  now: Date.now,
  after(ms, task) {
    const timer = setTimeout(task, Math.min(ms, maxTimeoutMs))
    return () => clearTimeout(timer)
  },
  onWake,
  onHide,
  storage: () => globalThis.window?.sessionStorage,
  sharing: realSharing(),
}
