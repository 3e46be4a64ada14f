import { connect } from '@trunkline/client'

import type { Detail } from './items.ts'
import { type Identity, Notes } from './notes.ts'
import type { Witness } from './witness.ts'

/** `@trunkline/client` as it is, with its own pauses, at one address as a browser has it. */
export function openOurClient(who: Identity, origin: string): Witness {
  const notes = new Notes(who)
  const client = connect({
    endpoint: `${origin}/realtime/sse`,
    channels: who.channels ?? [],
    headers: () => (who.userId === null ? {} : { 'x-user': who.userId }),
  })
  let visits = 0
  client.onState((state) => {
    if (state.status === 'stopped' && state.reason !== 'closed') notes.troubles.push(state.reason)
    if (state.status !== 'open') return
    visits++
    if (state.cursor !== '') notes.start(state.cursor)
  })
  client.onReset(({ reason }) => notes.reset(reason, client.state.status === 'open' ? client.state.cursor : undefined))
  client.on('*', (detail, event) => notes.see(detail as Detail, event.cursor ?? ''))
  return {
    notes,
    get visits() {
      return visits
    },
    isAwake: true,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}
