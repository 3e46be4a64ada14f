import * as v from 'valibot'

import type { Connectable } from '../connection/connect.ts'
import { TrunklineError } from '../errors.ts'
import { complaints, type Elsewhere } from '../known-keys.ts'
import type { AdapterOptions } from './adapter.ts'

const aFunction = v.function('must be a function')
const aPath = v.pipe(v.string('must be a path'), v.startsWith('/', 'must begin with a slash'))
const named = v.union([v.string(), v.looseObject({ name: v.string() })], 'must be the name of a dialect, or a Dialect')

/** Every option there is: one that is missing here would be refused. */
const entries = {
  identify: v.function(
    'must be a function that says who a request comes from: (request) => id, null for anonymous, or false for 401. `() => null` makes everyone anonymous',
  ),
  channels: v.optional(
    v.union(
      [v.array(v.string()), aFunction],
      "must be a list of names, or a function that returns one. Leave it out to take them from the query's ?channel=",
    ),
  ),
  path: v.optional(aPath),
  routes: v.optional(
    v.strictObject(
      { stream: v.optional(aPath), script: v.optional(v.union([v.literal(false), aPath], 'must be a path, or false')) },
      'must be { stream, script }',
    ),
  ),
  dialect: v.optional(v.union([named, v.pipe(v.array(named), v.minLength(1, 'must not be an empty list'))])),
  padding: v.optional(v.boolean('must be true or false')),
  cors: v.optional(
    v.union(
      [
        v.literal(false),
        v.strictObject({
          origins: v.union([v.literal('*'), v.array(v.string()), aFunction]),
          credentials: v.optional(v.boolean()),
          headers: v.optional(v.array(v.string())),
          maxAgeS: v.optional(v.number()),
        }),
      ],
      "must be false or { origins: '*' or a list or a function, credentials, headers, maxAgeS }",
    ),
  ),
  maxChannels: v.optional(v.pipe(v.number('must be a number'), v.minValue(0, 'must be at least 0'))),
  clientScript: v.optional(v.looseObject({ source: v.string(), etag: v.string() }, 'must be that of @trunkline/client/script')),
} satisfies Record<keyof AdapterOptions<never, never>, v.GenericSchema>
const schema = v.object(entries)

/** Options that people look for in an adapter, and that are createTrunkline's. */
const elsewhere: Elsewhere = Object.fromEntries(
  [
    'canRead',
    'beforeSend',
    'onReceive',
    'heartbeatMs',
    'maxConnections',
    'maxConnectionsPerUser',
    'hookTimeoutMs',
    'onError',
  ].map((name) => [name, 'is an option of createTrunkline']),
)

/**
 * Checks what an adapter is made with, so that a mistake shows where it was made and not at the first request. Returns the options.
 *
 * @param adapter Its name, for messages.
 * @param refused Options of other adapters that this one does not take, and what to say of them.
 * @throws {TrunklineError} `invalid_options`, naming every option that is wrong
 */
export function checkAdapterOptions<Options extends Partial<AdapterOptions<never, unknown>>>(
  adapter: string,
  trunkline: Connectable<never>,
  options: Options,
  refused: Elsewhere = {},
): Options {
  if (typeof (trunkline as Partial<Connectable> | undefined)?.connect !== 'function')
    throw wrong(adapter, ['The first argument must be a trunkline, what createTrunkline returns'])
  if (typeof options !== 'object' || options === null) {
    throw wrong(adapter, [
      'The second argument must be its options, with at least identify: (request) => id. `{ identify: () => null }` makes everyone anonymous',
    ])
  }
  const known = Object.keys(entries).filter((name) => !Object.hasOwn(refused, name))
  const unknown = complaints('option', options, known, { ...elsewhere, ...refused })
  const { issues = [] } = v.safeParse(schema, options)
  const said = issues.map((issue) => `${v.getDotPath(issue) ?? 'options'} ${sayingOf(issue)}`)
  if (unknown.length + said.length > 0) throw wrong(adapter, [...unknown, ...said])
  return options
}

/** What valibot says of a key that is missing, or not known, does not name what is wanted. */
function sayingOf(issue: v.BaseIssue<unknown>): string {
  const entry = (entries as Readonly<Record<string, { readonly message?: unknown }>>)[String(issue.path?.[0].key)]
  if (issue.received === 'undefined' && typeof entry?.message === 'string') return `is missing: it ${entry.message}`
  return issue.expected === 'never' ? 'is not known' : `${issue.message}, got ${issue.received}`
}

function wrong(adapter: string, said: readonly string[]): TrunklineError {
  return new TrunklineError('invalid_options', `${adapter}: ${said.map((text) => text.replace(/\.$/, '')).join('. ')}.`)
}
