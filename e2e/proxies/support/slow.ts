import type { Backends } from './backends.ts'
import type { Door } from './door.ts'
import { ProxiedStream } from './proxied-stream.ts'

/** Publishes more than all sockets between a server and a client hold, 30 MB. */
export async function fill(backends: Backends): Promise<void> {
  const event = { scope: 'global', type: 'large', detail: 'x'.repeat(100_000) } as const
  for (let batch = 0; batch < 30; batch++) await backends.publisher.publishMany(Array.from({ length: 10 }, () => event))
}

/** Expects that a proxy sends away a client that does not read, and that its server process notices. */
export async function expectDropped(door: Door, backends: Backends): Promise<void> {
  await backends.untilConnections(0)
  await using stream = await ProxiedStream.open(door)
  await backends.untilConnections(1)
  stream.pause()
  await fill(backends)
  await backends.untilConnections(0)
  stream.resume()
  await stream.untilEnd()
}
