import type { NewEvent } from '@trunkline/core'

import { toJson, toRow, type OutboxRow } from './event-rows.ts'
import { quoteName } from './quote.ts'

/** One statement with text parameters. */
export interface Statement {
  readonly text: string
  readonly parameters: readonly (string | null)[]
}

/** Up to so many events go in as rows of parameters; more as one JSON text, so that no driver's limit on parameters is met. */
const maxRows = 16

const types: Readonly<Record<keyof OutboxRow, string>> = {
  id: 'text',
  type: 'text',
  scope: 'text',
  user_id: 'text',
  channel: 'text',
  entity_id: 'text',
  body: 'text',
  raw: 'text::boolean',
  skip: 'text',
  private: 'text',
  key: 'text',
}
const columns = Object.keys(types) as readonly (keyof OutboxRow)[]

/**
 * What publishing costs a caller's transaction: this one INSERT. It takes no lock, reads nothing, and notifies nobody, so it neither
 * slows nor fails the transaction at any isolation level. The caller's driver and settings are whatever they are: only text goes in, and
 * one text comes out.
 *
 * Rows of parameters, because drivers send statements unprepared: planning a list of values takes a third of the time that planning a
 * join over json_to_recordset does, and that was more than all the rest of the INSERT.
 */
export class OutboxInsert {
  readonly #into: string
  readonly #byCount = new Map<number, string>()

  constructor(schema: string) {
    this.#into = `insert into ${quoteName(schema)}.outbox (${columns.join(', ')}) `
  }

  of(events: readonly NewEvent[]): Statement {
    if (events.length > maxRows) return { text: this.#text(0), parameters: [toJson(events)] }
    return { text: this.#text(events.length), parameters: events.flatMap(parametersOf) }
  }

  /** The statement for so many rows of parameters; for 0, the one that takes JSON. */
  #text(count: number): string {
    const known = this.#byCount.get(count)
    if (known !== undefined) return known
    const source = count === 0 ? fromJson() : `values ${Array.from({ length: count }, (_, row) => placeholders(row)).join(', ')}`
    // Names no column, so that a role that may only INSERT may run it.
    const text = `${this.#into}${source} returning pg_catalog.pg_current_xact_id()::text as xid`
    this.#byCount.set(count, text)
    return text
  }
}

function placeholders(row: number): string {
  return `(${columns.map((column, index) => `$${row * columns.length + index + 1}::${types[column]}`).join(', ')})`
}

function fromJson(): string {
  const fields = columns.map((column) => `${column} ${types[column].replace(/.*::/, '')}`)
  const values = columns.map((column) => (column === 'raw' ? 'coalesce(raw, false)' : column))
  return `select ${values.join(', ')} from pg_catalog.json_to_recordset($1::text::json) as e(${fields.join(', ')})`
}

function parametersOf(event: NewEvent): readonly (string | null)[] {
  const row = toRow(event)
  return columns.map((column) => (column === 'raw' ? String(event.raw) : (row[column] ?? null)))
}
