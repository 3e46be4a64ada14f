import type { HookEvent } from '@trunkline/core'
import { createParser } from 'eventsource-parser'
import { describe, expect, test } from 'vitest'

import { startForgetfulLog } from './support/forgetful-log.ts'
import { names, publish } from './support/rewound-log.ts'
import { toEvent } from './support/stream-client.ts'

const reset = 'reset: unknown_epoch'
const fresh = names('fresh', 30)

describe('a log that goes back under a client', () => {
  test('between two pages of history, before the process has noticed: what was lost is followed by a reset, not by newer events', async () => {
    await using log = await startForgetfulLog()
    const writer = log.deployment.open()
    const start = await writer.cursor()
    await publish(writer, names('lost', 1_000))
    const hook = new Gate('held')
    // Started after it all: its memory holds nothing, so who resumes reads the store.
    const running = log.deployment.open({}, { onReceive: hook.pass })
    await running.start()
    await using reader = new SlowReader(await running.connect({ userId: null, cursor: start }))
    await reader.readUntil('lost.499')
    // From here on the process does not get any further by itself.
    await publish(writer, ['held'])
    await hook.reached

    await log.goBack(names('fresh', 1_500))
    await reader.readUntil('fresh.999', reset)
    hook.open()

    expect(reader.seen.slice(0, 501)).toEqual([...names('lost', 500), reset])
  })

  test('while onReceive is asked about history: what it is asked about is not sent, and nothing is missed', async () => {
    await using log = await startForgetfulLog()
    const writer = log.deployment.open()
    const start = await writer.cursor()
    await publish(writer, names('lost', 10))
    const hook = new Gate('lost.0')
    const running = log.deployment.open({}, { onReceive: hook.pass })
    await running.start()
    await using reader = new SlowReader(await running.connect({ userId: null, cursor: start }))
    const read = reader.readUntil('fresh.29', reset)
    await hook.reached

    await log.goBack(fresh)
    await log.noticed()
    hook.open()
    await read

    expect(reader.seen).toEqual(fresh)
  })

  test('while beforeSend is asked about a live event: it is not sent, and nothing is missed', async () => {
    await using log = await startForgetfulLog()
    const hook = new Gate('lost.0')
    const running = log.deployment.open({}, { beforeSend: hook.pass })
    await using reader = new SlowReader(await running.connect({ userId: null }))
    const read = reader.readUntil('fresh.29', reset)
    await publish(running, ['lost.0'])
    await hook.reached

    await log.goBack(fresh)
    await log.noticed()
    hook.open()
    await read

    expect(reader.seen).toEqual(fresh)
  })
})

/** A hook that lets every event pass, one of them only when it is told to. */
class Gate {
  readonly #reached = Promise.withResolvers<void>()
  readonly #opened = Promise.withResolvers<void>()
  readonly reached: Promise<void> = this.#reached.promise
  readonly open: () => void = this.#opened.resolve
  readonly pass: (event: HookEvent) => HookEvent | Promise<HookEvent>

  constructor(detail: string) {
    this.pass = async (event) => {
      if (event.detail === detail) {
        this.#reached.resolve()
        await this.#opened.promise
      }
      return event
    }
  }
}

/** A client that takes a chunk only when it wants to see more. */
class SlowReader implements AsyncDisposable {
  readonly seen: string[] = []
  readonly #chunks: AsyncIterableIterator<Uint8Array>
  readonly #parser = createParser({
    onEvent: (frame) => {
      if (frame.event === 'reset') this.seen.push(`reset: ${(JSON.parse(frame.data) as { readonly reason: string }).reason}`)
      if (frame.event === undefined) this.seen.push(String(toEvent(frame).detail))
    },
  })

  constructor(chunks: AsyncIterableIterator<Uint8Array>) {
    this.#chunks = chunks
  }

  async readUntil(...wanted: readonly string[]): Promise<void> {
    const decoder = new TextDecoder()
    while (!this.seen.some((what) => wanted.includes(what))) {
      const { value = new Uint8Array(), done = false } = await this.#chunks.next()
      if (done) throw new Error(`The stream ended before ${wanted.join(', ')}.`)
      this.#parser.feed(decoder.decode(value, { stream: true }))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.()
  }
}
