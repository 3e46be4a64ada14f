import { TrunklineError } from '@trunkline/core'
import * as v from 'valibot'

import { checkConversions } from './driver/foreign-lane.ts'
import { type Server, serverFromOptions, serverFromUrl } from './driver/server.ts'
import { checkName } from './quote.ts'
import type { PostgresJsLike, PostgresOptions } from './types.ts'

/** Options that were checked. */
export interface Settings {
  /** The pool's server; undefined when the statements run on the caller's instance. */
  readonly server: Server | undefined
  readonly listenServer: Server
  readonly sql: PostgresJsLike | undefined
  /** Whether url leads through a transaction pooler: no prepared statements then, and no startup parameters. */
  readonly pooled: boolean
  readonly schema: string
  readonly migrate: boolean
  readonly inline: boolean
  readonly poolSize: number
}

const flag = v.optional(v.boolean('must be true or false'))
const schemaOfOptions = v.strictObject({
  url: v.optional(v.string('must be a URL')),
  listenUrl: v.optional(v.string('must be a URL')),
  sql: v.optional(v.any()),
  schema: v.optional(v.string('must be a name'), 'trunkline'),
  migrate: flag,
  detailInNotify: flag,
  poolSize: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.integer('must be whole'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(100, 'must be at most 100'),
    ),
    4,
  ),
})

/**
 * Checks options at once, so that a mistake shows where it was made. Opens no connection.
 *
 * @throws {TrunklineError} `invalid_options`
 */
export function checkOptions(options: PostgresOptions): Settings {
  const parsed = v.safeParse(schemaOfOptions, options)
  if (!parsed.success) {
    const wrong = parsed.issues.map((issue) => {
      const name = v.getDotPath(issue) ?? 'the options'
      if (issue.expected !== 'never') return `${name} ${issue.message}`
      return `\`${name}\` is no option of it, those are ${Object.keys(schemaOfOptions.entries).join(', ')}`
    })
    throw new TrunklineError('invalid_options', `postgres(): ${wrong.join('; ')}.`)
  }
  const { url, listenUrl, schema, migrate = false, detailInNotify = true, poolSize } = parsed.output
  const { sql } = options
  if (!url && sql === undefined) {
    throw new TrunklineError(
      'invalid_options',
      'postgres() needs a database: set DATABASE_URL to something like postgres://user:password@localhost:5432/database and pass it as url, or pass a postgres.js instance as sql.',
    )
  }
  if (sql !== undefined) checkInstance(sql)
  const server = url ? serverFromUrl(url, 'url') : undefined
  return {
    server: sql === undefined ? server : undefined,
    listenServer: listenUrl ? serverFromUrl(listenUrl, 'listenUrl') : (server ?? serverFromOptions(optionsOf(sql))),
    sql,
    pooled: Boolean(listenUrl) && listenUrl !== url,
    schema: checkName(schema, 'schema'),
    migrate,
    inline: detailInNotify,
    poolSize,
  }
}

function checkInstance(sql: PostgresJsLike): void {
  const isInstance = ['unsafe', 'begin', 'end'].every(
    (name) => typeof (sql as unknown as Record<string, unknown>)[name] === 'function',
  )
  if (!isInstance || optionsOf(sql) === undefined) {
    throw new TrunklineError(
      'invalid_options',
      'sql must be a postgres.js instance: what postgres(url) of the package "postgres" returns.',
    )
  }
  checkConversions(optionsOf(sql))
}

/** postgres.js keeps what it parsed on the instance. */
function optionsOf(sql: unknown): unknown {
  return (sql as { readonly options?: unknown }).options
}
