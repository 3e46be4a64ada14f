import type { AnyEvents } from '@trunkline/core'

import { createClient } from './client.ts'
import { realSeams } from './seams.ts'
import type { Client, ClientOptions, EventsOf } from './types.ts'

/**
 * Connects to a Trunkline server and stays connected: it comes back by itself, resumes where it was, and hands out no stored event
 * twice. Each event is a DOM event on the window, and goes to the listeners of the client.
 *
 * @example
 * const client = connect<typeof trunkline>({ endpoint: '/realtime/sse' })
 * const stop = client.on('task_complete', (detail) => console.log(detail.status))
 */
export function connect<T = AnyEvents>(options: ClientOptions = {}): Client<EventsOf<T>> {
  // Event types exist at compile time only: the same client serves every catalogue.
  return createClient(options, realSeams) as unknown as Client<EventsOf<T>>
}
