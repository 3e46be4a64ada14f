import { TrunklineError } from '@trunkline/core'

import type { PostgresJsLike } from '../types.ts'
import type { Lane } from './pool.ts'
import type { Row } from './session.ts'

/** The part of a postgres.js instance's parsed options that changes what goes in or comes out. */
interface Conversions {
  readonly transform?: {
    readonly column?: { readonly from?: (name: string) => string }
    readonly value?: { readonly from?: (value: unknown, column: { readonly name: string; readonly type: number }) => unknown }
    readonly row?: { readonly from?: (row: unknown) => unknown }
  }
  readonly parsers?: Readonly<Record<number, ((text: string) => unknown) | undefined>>
  readonly serializers?: Readonly<Record<number, ((value: unknown) => unknown) | undefined>>
}

const textOid = 25
/** Looks like JSON, a number and snake case: what a conversion would pick on. */
const sample = '{"snake_key":1e2}'

/** A lane on a caller's own instance: one statement of ours at a time; the connection is the instance's business, and never closed here. */
export function foreignLane(sql: PostgresJsLike): Lane {
  return {
    ended: false,
    async run(text, parameters, afresh) {
      // Named statements, as on our own lanes; an instance made with prepare: false overrules this.
      // The shape we ask for is the smallest that tells an instance apart; the method takes more.
      const unsafe = sql.unsafe as unknown as (
        text: string,
        parameters: readonly (string | null)[],
        options: object,
      ) => PromiseLike<readonly unknown[]>
      return (await unsafe.call(sql, text, [...parameters], { prepare: !afresh })) as readonly Row[]
    },
    setIdle() {},
    end() {},
  }
}

/**
 * Refuses an instance that would change our text. postgres.camel, custom bigint types and `fetch_types: false` do not: every column is
 * text with a one-word lower-case name.
 *
 * @throws {TrunklineError} `invalid_options`
 */
export function checkConversions(options: unknown): void {
  const { transform, parsers, serializers } = (options ?? {}) as Conversions
  const name = transform?.column?.from?.('position') ?? 'position'
  if (name !== 'position') refuse(`its transform renames the column position to ${name}`)
  if (transform?.row?.from !== undefined) refuse('its transform replaces whole rows')
  if ((parsers?.[textOid]?.(sample) ?? sample) !== sample) refuse('its types parse text')
  if ((serializers?.[textOid]?.(sample) ?? sample) !== sample) refuse('its types serialize text')
  const value = transform?.value?.from
  if (value !== undefined && value(sample, { name: 'body', type: textOid }) !== sample)
    refuse('its transform changes text values')
}

function refuse(why: string): never {
  throw new TrunklineError(
    'invalid_options',
    `This postgres.js instance cannot be used as sql: ${why}. Pass url instead, or an instance without it.`,
  )
}
