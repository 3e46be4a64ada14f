import { newSystemEvent } from './event/create-event.ts'
import type { Receipt } from './event/publish-input.ts'
import { TrunklineError } from './errors.ts'
import type { EventFilter, NewEvent } from './ports.ts'

/** Who did what: what an audit event says. */
export interface AuditEntry {
  readonly actor: string
  /** A word, as in `replay`. */
  readonly action: string
  readonly [what: string]: unknown
}

/** What the admin pages are given beside the public interface. No application calls it. */
export interface AdminDoor {
  /** The types of the catalogue; null without one, where any type goes. */
  readonly types: readonly string[] | null
  /** Whether events can be looked up: the store has an archive. */
  readonly hasArchive: boolean
  /** Aborted when the trunkline has stopped: streams have to end. */
  readonly stopped: AbortSignal
  /** How many events a filter has, at most `limit`; null when the store cannot count. Never for a filter with text. */
  count(filter: EventFilter, limit: number): Promise<number | null>
  /** Stores a system event `trunkline.audit`: subscribers of the backend hear it, browsers never do. */
  audit(entry: AuditEntry): Promise<Receipt>
}

/**
 * The door of a trunkline for its admin pages.
 *
 * @throws {TrunklineError} `invalid_options` when it is none of ours
 */
export function adminDoor(trunkline: object): AdminDoor {
  // By name and not by class: the application may have another copy of this package than the admin pages.
  const { '~admin': door } = trunkline as { readonly '~admin'?: AdminDoor }
  if (door !== undefined) return door
  throw new TrunklineError('invalid_options', 'The admin pages need what createTrunkline gave back, and got something else.')
}

/** The event that an audit entry is. */
export function auditEvent(entry: AuditEntry): NewEvent {
  return newSystemEvent('trunkline.audit', entry)
}
