import type { Connectable, Connection, Store } from '@trunkline/core'

import { bytesOfConnection, bytesOfResponse } from './byte-source.ts'
import { expectationsOf } from './expect.ts'
import type { Knowledge } from './explain.ts'
import { StreamReader } from './stream-reader.ts'
import type { HarnessClient, HarnessConnectOptions } from './types.ts'
import { nameOf, type Standing, whyNot } from './why-not.ts'

/** What a client is connected to. */
export interface ClientSetup<User> {
  readonly trunkline: Connectable<User>
  readonly log: Store
  readonly knowledge: Knowledge
}

/** A client whose stream has begun. */
export async function openClient<User>(
  to: HarnessConnectOptions<User> | Response,
  { trunkline, log, knowledge }: ClientSetup<User>,
): Promise<HarnessClient> {
  // Not instanceof: a fetch of its own brings a Response of its own.
  if ('headers' in to) return clientOf(new StreamReader(await bytesOfResponse(to)), { since: 0 }, knowledge)
  const { userId = null, channels = [], cursor } = to
  const { head } = await log.bounds()
  const connection: Connection = await trunkline.connect({ ...to, userId })
  const audience = { userId: userId === null ? null : String(userId), channels }
  const since = cursor === undefined ? head : 0
  return clientOf(new StreamReader(bytesOfConnection(connection)), { audience, since }, knowledge)
}

async function clientOf(reader: StreamReader, known: Omit<Standing, 'ended'>, knowledge: Knowledge): Promise<HarnessClient> {
  await reader.opened()
  const standing: Standing = {
    ...known,
    get ended() {
      return reader.ended
    },
  }
  const expectations = expectationsOf(
    {
      arrivals: reader.arrivals,
      who: nameOf(standing),
      whyNot: (published) => whyNot(published, standing),
      ended: () => reader.ended,
    },
    knowledge,
  )
  return {
    ...(expectations as unknown as HarnessClient),
    get cursor() {
      return reader.cursor
    },
    resets: reader.resets,
    frames: reader.frames,
    closed: reader.closed,
    close: () => reader.close(),
    async [Symbol.asyncDispose]() {
      reader.close()
      await reader.closed
    },
  }
}
