import type { Accounts } from './accounts.ts'
import { positionOf } from './cursors.ts'
import { parseName } from './items.ts'
import type { Ledger, Row } from './ledger.ts'
import type { Notes, Stretch } from './notes.ts'
import type { Witness } from './witness.ts'

/** What came of a fault. Lists of what must not be say whose and what. */
export interface Tally {
  readonly committed: number
  readonly delivered: number
  /** Streams that were opened: each but the first of a witness resumed. */
  readonly streams: number
  readonly lost: readonly string[]
  readonly duplicated: readonly string[]
  readonly outOfOrder: readonly string[]
  readonly foreign: readonly string[]
  /** Reasons, of those who got any. */
  readonly resets: Readonly<Record<string, readonly string[]>>
  /** The longest from a publish's answer to its sight by somebody who read all the time. */
  readonly slowestMs: number
}

type Faults = Record<'lost' | 'duplicated' | 'outOfOrder' | 'foreign', string[]>

/**
 * Compares what publishers were told, what the log held, and what witnesses saw. Between two resets a witness must have seen everything
 * of the log that is for it, and after the last one up to the end.
 */
export function tally(accounts: Accounts, ledger: Ledger, witnesses: readonly Witness[]): Tally {
  const all = witnesses.map(({ notes }) => notes)
  const { timelines } = ledger
  const faults: Faults = { lost: [], duplicated: [], outOfOrder: [], foreign: [] }
  judgeLog(accounts, timelines, faults)
  for (const notes of all) judge(notes, timelines, faults)
  return {
    committed: new Set(timelines.flat().map(({ name }) => name)).size,
    delivered: all.reduce((sum, { count }) => sum + count, 0),
    streams: witnesses.reduce((sum, { visits }) => sum + visits, 0),
    ...faults,
    resets: Object.fromEntries(all.filter(({ resets }) => resets.length > 0).map(({ name, resets }) => [name, resets])),
    slowestMs: slowest(accounts, all),
  }
}

/** What was acknowledged is in the log, once, where its publisher was told; what was undone is not; batches are whole. */
function judgeLog({ acknowledged, undone }: Accounts, timelines: readonly (readonly Row[])[], faults: Faults): void {
  const stored = new Map(timelines.flat().map((row) => [row.name, row]))
  for (const [name, { cursor }] of acknowledged) {
    const row = stored.get(name)
    if (row === undefined) faults.lost.push(`log: ${name}`)
    else if (cursor !== null && row.position !== positionOf(cursor))
      faults.outOfOrder.push(`log: ${name} not where its publisher was told`)
  }
  for (const name of undone) if (stored.has(name)) faults.foreign.push(`log: ${name} was rolled back`)
  for (const rows of timelines) {
    faults.duplicated.push(...repeated(rows.map(({ name }) => name)).map((name) => `log: ${name}`))
    for (const call of Map.groupBy(rows, ({ name }) => name.slice(0, name.lastIndexOf('.'))).values()) {
      const indexes = call.map(({ name }) => parseName(name))
      if (indexes.some(({ size }) => size !== call.length))
        faults.lost.push(`log: part of ${call.map(({ name }) => name).join()}`)
      if (indexes.some(({ index }, place) => index !== place))
        faults.outOfOrder.push(`log: ${call.map(({ name }) => name).join()}`)
    }
    // Calls that are awaited one after the other keep their order; transactions are placed after their commits.
    const plain = rows.map(({ name }) => parseName(name)).filter(({ caller }) => /p\d+$/.test(caller))
    for (const [caller, calls] of Map.groupBy(plain, (parsed) => parsed.caller)) {
      if (calls.some(({ number }, place) => number < (calls[place - 1]?.number ?? 0)))
        faults.outOfOrder.push(`log: calls of ${caller}`)
    }
  }
}

function judge(notes: Notes, timelines: readonly (readonly Row[])[], faults: Faults): void {
  const { name: who, stretches, audiences } = notes
  const mine = timelines.map((rows) => rows.filter(({ audience }) => audiences.has(audience)))
  const known = new Set(mine.flat().map(({ name }) => name))
  const seen = stretches.flatMap((stretch) => stretch.seen.map(({ name }) => name))
  faults.foreign.push(...seen.filter((name) => !known.has(name)).map((name) => `${who}: ${name}`))
  faults.duplicated.push(...repeated(seen).map((name) => `${who}: ${name}`))
  for (const [index, stretch] of stretches.entries()) {
    const isLast = index === stretches.length - 1
    // What a database forgot was seen in an earlier timeline, and a reset has to follow: the last stretch is of the log as it is.
    const of = isLast ? mine.slice(-1) : mine
    const [{ lost, outOfOrder }] = of
      .map((rows) => judgeStretch(stretch, rows, isLast))
      .toSorted((a, b) => a.lost.length + a.outOfOrder.length - b.lost.length - b.outOfOrder.length) as [
      ReturnType<typeof judgeStretch>,
    ]
    faults.lost.push(...lost.map((name) => `${who}: ${name}`))
    faults.outOfOrder.push(...outOfOrder.filter((name) => known.has(name)).map((name) => `${who}: ${name}`))
  }
}

/** A stretch that a reset ended may end anywhere, but has no gap. */
function judgeStretch({ since, seen }: Stretch, rows: readonly Row[], isLast: boolean): Pick<Faults, 'lost' | 'outOfOrder'> {
  const names = new Set(seen.map(({ name }) => name))
  const due = rows.filter(({ position }) => position > since)
  const end = isLast ? due.length : due.findLastIndex(({ name }) => names.has(name)) + 1
  const places = new Map(due.map(({ name, position }) => [name, position]))
  return {
    lost: due.slice(0, end).flatMap(({ name }) => (names.has(name) ? [] : [name])),
    outOfOrder: seen
      .filter(({ name, position }, index) => places.get(name) !== position || position <= (seen[index - 1]?.position ?? since))
      .map(({ name }) => name),
  }
}

function repeated(names: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return names.filter((name) => seen.size === seen.add(name).size)
}

function slowest({ acknowledged }: Accounts, all: readonly Notes[]): number {
  let slowestMs = 0
  for (const { wasAway, stretches } of all) {
    if (wasAway) continue
    for (const { name, at } of stretches.flatMap(({ seen }) => seen)) {
      slowestMs = Math.max(slowestMs, at - (acknowledged.get(name)?.at ?? at))
    }
  }
  return slowestMs
}
