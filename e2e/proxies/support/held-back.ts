import { randomBytes } from 'node:crypto'

import { expect } from 'vitest'

import { eventually } from '../../support/eventually.ts'
import { HttpStream } from '../../support/http-stream.ts'
import type { Backends } from './backends.ts'
import type { Door } from './door.ts'
import { ProxiedStream } from './proxied-stream.ts'

/** Expects that a proxy holds back even the first frame while others get one event after another; and that nothing of it is lost. */
export async function expectHeldBack(
  door: Door,
  backends: Backends,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  await backends.untilConnections(0)
  await using witness = await HttpStream.open(backends.servers[0].url)
  let stream: ProxiedStream | undefined
  // The head of the answer may be held back as well.
  const asking = ProxiedStream.ask(door, headers).then((asked) => {
    stream = asked
  })
  // Its failure is thrown below, if nothing else fails before.
  asking.catch(() => {})
  await backends.untilConnections(2)
  for (const number of numbers) {
    await backends.publish(number)
    await witness.untilEvents(number)
  }
  expect(stream?.chunks ?? 0).toBe(0)

  // More and more of what does not compress pushes it out.
  await eventually('the first events', async () => {
    await backends.publish(randomBytes(10_000).toString('base64'))
    return (stream?.events.length ?? 0) > numbers.length
  })
  await asking
  expect(stream?.details.filter((detail) => typeof detail === 'number')).toEqual(numbers)
  await stream?.[Symbol.asyncDispose]()
}

/** Expects that events arrive one by one, each before the next is published. */
export async function expectPassed(
  door: Door,
  backends: Backends,
  headers: Readonly<Record<string, string>> = {},
): Promise<ProxiedStream> {
  await using stream = await ProxiedStream.open(door, headers)
  for (const number of numbers) {
    await backends.publish(number)
    await stream.until('an event', () => stream.details.at(-1) === number)
  }
  return stream
}

const numbers = [1, 2, 3, 4, 5]
