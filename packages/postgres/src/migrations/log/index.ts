import { quoteText } from '../../quote.ts'
import type { Migration } from '../migration.ts'
import { keeping } from './keeping.ts'
import { publishing } from './publishing.ts'
import { reading } from './reading.ts'
import { relaying } from './relaying.ts'
import { tables } from './tables.ts'
import { tracking } from './tracking.ts'
import { writing } from './writing.ts'

/** Migration 1 makes the log. Safe to run while the application is up: it only creates. */
export const logMigration: Migration = {
  version: 1,
  name: '0001-log',
  sql: (schema) => {
    const literal = quoteText(schema)
    const sequence = quoteText(`${schema}.log_position`)
    return [
      tables(schema, sequence),
      reading(schema),
      writing(schema, sequence),
      relaying(schema, literal),
      keeping(schema, literal),
      publishing(schema),
      tracking(schema),
    ].join('')
  },
}
