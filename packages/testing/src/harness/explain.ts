import { show } from '../assert.ts'
import type { Book, Published } from './book.ts'
import { hasKey, type Matchable, mismatch, type Wanted } from './match.ts'
import type { HarnessError } from './types.ts'

/** Lines of one list: who has got hundreds of events is helped by the newest. */
const maxLines = 10

/** What came to whoever had an expectation. */
export interface View {
  /** As in "came to …". */
  readonly who: string
  readonly events: readonly Arrived[]
  isTaken(event: Arrived): boolean
  /** Why nothing more comes; null while something may. */
  ended(): string | null
  /** Why an event that is in the log did not come here. */
  whyNot(published: Published): string
}

/** An event that came, to a client or to a subscriber. */
export type Arrived = Matchable & {
  readonly id: string
  readonly scope: string
  readonly userId?: string | undefined
  readonly channel?: string | undefined
}

/** What the harness knows beyond the view. */
export interface Knowledge {
  readonly book: Book
  readonly errors: readonly HarnessError[]
}

/** Why an event that was expected did not come, as far as can be told. */
export function explainMissing(wanted: Wanted, withinMs: number, view: View, { book, errors }: Knowledge): string {
  const got = new Set(view.events.map(({ id }) => id))
  const published = book.entries.filter((event) => hasKey(event, wanted.key))
  const elsewhere = published
    .filter(({ id }) => !got.has(id))
    // Those that it could have been stand last, where lists are not cut.
    .toSorted((a, b) => Number(mismatch(a, wanted) === null) - Number(mismatch(b, wanted) === null))
  const ended = view.ended()
  return [
    `No ${describeWanted(wanted)} came to ${view.who} ${ended === null ? `within ${withinMs} ms` : `before its end (${ended})`}.`,
    ...list(
      view.events.length === 0 ? 'Nothing came.' : 'What came:',
      view.events.map((event) => `${describe(event)}${remark(event, wanted, view)}`),
    ),
    ...list(
      published.length === 0 ? nothingPublished(wanted, book) : 'Published, but not here:',
      elsewhere.map((event) => `${describe(event)}: ${reason(event, view)}`),
    ),
    ...(published.length === 0 ? usualCauses : []),
    ...list(
      'Reported to onError:',
      errors.map(({ stage, error }) => `${stage}: ${error instanceof Error ? error.message : String(error)}`),
    ),
  ].join('\n')
}

/** What came though it was not to come. */
export function explainUnwanted(event: Arrived, wanted: Wanted, view: View): string {
  return `No ${describeWanted(wanted)} was to come to ${view.who}, and there is one: ${describe(event)}.`
}

const usualCauses: readonly string[] = [
  'Had the application published by now, and with the trunkline of this harness?',
  'What is published in a transaction arrives when that commits: a test that wraps each case in a transaction and rolls it back',
  'never sees its events. See "Transactions" in docs/testing.md.',
]

function nothingPublished({ key }: Wanted, { entries }: Book): string {
  const types = [...new Set(entries.map(({ type }) => type))]
  const others = types.length === 0 ? 'nothing else either' : `only ${types.slice(-maxLines).join(', ')}`
  return key === '*' ? 'Nothing was published.' : `Nothing was published as ${show(key)}, ${others}.`
}

function remark(event: Arrived, wanted: Wanted, { isTaken }: View): string {
  if (!hasKey(event, wanted.key)) return ''
  const wrong = mismatch(event, wanted)
  if (wrong !== null) return `: ${wrong}`
  return isTaken(event) ? ': was handed to an expectation before' : ': came too late'
}

function reason(published: Published, view: View): string {
  switch (published.fate) {
    case 'held':
      return 'its transaction is still open, and it arrives at the commit'
    case 'rolled back':
      return 'its transaction was rolled back, so it never arrives. Commit in the test: see "Transactions" in docs/testing.md'
    case 'repeated':
      return 'its idempotencyKey had been used before, so nothing was published'
    case 'refused':
      return 'publish was refused, because its transaction is none of the harness, or had ended'
    default:
      return view.whyNot(published)
  }
}

function list(head: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return head.endsWith(':') ? [] : [head]
  const more = lines.length > maxLines ? [`  … and ${lines.length - maxLines} before`] : []
  return [head, ...more, ...lines.slice(-maxLines).map((line) => `  ${line}`)]
}

function describeWanted({ key, match }: Wanted): string {
  const what = key === '*' ? 'event' : show(key)
  if (match === undefined) return what
  return typeof match === 'function' ? `${what} that the function accepts` : `${what} with ${show(match)}`
}

function describe({ type, detail, scope, userId, channel }: Arrived | Published): string {
  return `${type} ${show(detail)} ${scopeOf(scope, userId ?? null, channel ?? null)}`
}

function scopeOf(scope: string, userId: string | null, channel: string | null): string {
  if (scope === 'channel') return `in channel ${show(channel)}`
  if (scope === 'global') return 'to everyone'
  if (scope === 'system') return 'to the backend'
  // On the wire it does not say to whom.
  return userId === null ? 'to one user' : `to user ${show(userId)}`
}
