import { describe, expect, test, vi } from 'vitest'
import { isAlive } from '../is-alive.ts'
import { startProcess } from '../processes.ts'

const fixture = (name: string): URL => new URL(`fixtures/${name}.ts`, import.meta.url)

describe('a process', () => {
  test('is started when it says so, and talks both ways', async () => {
    await using talks = await startProcess(fixture('talks'), { args: ['a', 'b'], env: { TALKS: 'yes' } })
    expect(talks.messages[0]).toEqual({ ready: true, kind: 'TrunklineError', arguments: ['a', 'b'], variable: 'yes' })
    talks.send({ n: 1 })
    expect(await talks.message(isEcho)).toEqual({ echo: { n: 1 } })
    await vi.waitFor(() => expect(talks.output).toBe('I talk\n'))
  })

  test('is started when a line of its output matches', async () => {
    await using talks = await startProcess(fixture('talks'), { ready: /^I talk$/m })
    expect(talks.output).toContain('I talk')
  })

  test('that ends before it was ready fails with its output', async () => {
    await expect(startProcess(fixture('ends'))).rejects.toThrow(/no such message, it ended with 7.*nothing to do/s)
  })

  test('that is never ready fails in time, and is gone', async () => {
    await expect(startProcess(fixture('talks'), { ready: /never/, readyTimeoutMs: 500 })).rejects.toThrow('500 ms passed')
  })

  test('which has nothing left to do ends by itself', async () => {
    await using ends = await startProcess(fixture('ends'), { ready: null })
    expect(await ends.exited).toEqual({ code: 7, signal: null })
  })
})

describe('its end', () => {
  test('is a signal of choice, and tells how it went', async () => {
    await using asked = await startProcess(fixture('talks'))
    expect(await asked.kill('SIGTERM')).toEqual({ code: 3, signal: null })
    expect(asked.output).toContain('asked to end')
    await using killed = await startProcess(fixture('talks'))
    expect(await killed.kill()).toEqual({ code: null, signal: 'SIGKILL' })
  })

  test('by Ctrl-C reaches what it started', async () => {
    await using parent = await startProcess(fixture('starts-another'))
    const other = await parent.message(hasPid)
    expect(await parent.interrupt()).toEqual({ code: 0, signal: null })
    await vi.waitFor(() => expect(isAlive(other.pid)).toBe(false))
  })

  test('by disposal reaches what it started', async () => {
    let other: number
    {
      await using parent = await startProcess(fixture('starts-another'))
      other = (await parent.message(hasPid)).pid
      expect(isAlive(other)).toBe(true)
    }
    await vi.waitFor(() => expect(isAlive(other)).toBe(false))
  })

  test('comes with that of a test run that was killed', async () => {
    await using run = await startProcess(fixture('test-run'))
    const { pid } = await run.message(hasPid)
    expect(isAlive(pid)).toBe(true)
    await run.kill('SIGKILL')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false))
  })
})

function isEcho(message: unknown): message is { echo: unknown } {
  return typeof message === 'object' && message !== null && 'echo' in message
}

function hasPid(message: unknown): message is { pid: number } {
  return typeof message === 'object' && message !== null && 'pid' in message
}
