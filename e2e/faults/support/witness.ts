import type { Notes } from './notes.ts'

/** A client that looks on. */
export interface Witness extends AsyncDisposable {
  readonly notes: Notes
  /** How many streams it has opened. */
  readonly visits: number
  /** Reads, or comes back if it cannot. */
  readonly isAwake: boolean
}
