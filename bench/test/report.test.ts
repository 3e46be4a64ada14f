import { describe, expect, test } from 'vitest'

import { alternate } from '../src/alternate.ts'
import { readArguments } from '../src/arguments.ts'
import { barChart } from '../src/chart.ts'
import { documentsOf, readPage } from '../src/docs.ts'
import { loadRows } from '../src/rows.ts'
import { median, ratios } from '../src/statistics.ts'
import { figure, tableOf, verdictOf } from '../src/table.ts'

describe('the command', () => {
  test('measures every row, those that are named, or the quick ones', async () => {
    const rows = await loadRows()
    expect(readArguments([], rows)).toMatchObject({ rows, quick: false, soakMinutes: 10 })
    expect(readArguments(['--', 'fanout', '--soak-minutes', '1'], rows)).toMatchObject({
      rows: [{ name: 'fanout' }],
      soakMinutes: 1,
    })
    expect(readArguments(['--quick'], rows)).toMatchObject({ rows: rows.filter((row) => row.quick === true), quick: true })
    expect(readArguments(['--report'], rows)).toMatchObject({ rows: [], report: true })
  })

  test('says what is wrong with its arguments', async () => {
    const rows = await loadRows()
    expect(readArguments(['fan-out'], rows)).toBe('There is no row "fan-out".')
    expect(readArguments(['--fast'], rows)).toContain("Unknown option '--fast'")
    expect(readArguments(['--soak-minutes', 'x'], rows)).toBe('--soak-minutes must be a number above 0, got "x".')
  })
})

describe('runs', () => {
  test('alternate between the sides, every other round backwards', async () => {
    const order: string[] = []
    const side = (name: string) => async () => order.push(name)
    const runs = await alternate({ a: side('a'), b: side('b') }, 3, () => {})
    expect(order.join('')).toBe('abbaab')
    expect(runs).toEqual({ a: [1, 4, 5], b: [2, 3, 6] })
  })

  test('are set against the run beside them', () => {
    expect(ratios([2, 9, 4], [1, 3, 4])).toEqual([2, 3, 1])
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5])
  })
})

describe('what is written', () => {
  test('a bound is held against the median; --quick has its own, and looks at nothing else', () => {
    const claim = { what: 'x', values: [1, 5, 2] }
    expect(verdictOf({ ...claim, atMost: 2 })).toBe('reached')
    expect(verdictOf({ ...claim, atMost: 1.9 })).toBe('missed')
    expect(verdictOf({ ...claim, atLeast: 3 })).toBe('missed')
    expect(verdictOf({ ...claim, atLeast: 3, quick: 1 }, 'quick')).toBe('reached')
    expect(verdictOf({ ...claim, atMost: 1.9 }, 'quick')).toBe('not asked')
    expect(verdictOf(claim)).toBe('not asked')
  })

  test('figures have three digits, and tables a line for each side and claim', () => {
    expect([figure(0.12345), figure(1234.5), figure(99.96), figure(3)]).toEqual(['0.123', '1,235', '100', '3'])
    const table = tableOf({
      measurements: [{ side: 'ours', what: 'CPU', unit: 'µs', values: [1, 2, 3] }],
      claims: [{ what: 'against theirs', values: [0.5], atMost: 0.4 }],
    })
    expect(table).toMatch(/ours +2 +1 – 3 +µs, CPU/)
    expect(table).toMatch(/against theirs +0\.5 +≤ 0\.4 ✗ missed/)
  })

  test('a chart is as wide as its longest run, and what it says is escaped', () => {
    const bar = { label: 'a < b & "c"', value: 10, low: 5, high: 20, figure: '10', isOurs: true }
    const svg = barChart('t', 'µs', [bar])
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;')
    expect(svg).toContain('<rect class="ours" x="270" y="52" width="200.0"')
    expect(svg).toContain('x1="370.0" y1="61" x2="670.0"')
  })

  test('docs/benchmarks.md has the results as they were measured', async () => {
    const page = await readPage()
    expect((await documentsOf(await loadRows(), page)).content).toBe(page)
  })
})
