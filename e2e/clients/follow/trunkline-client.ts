import { connect } from '@trunkline/client'
import type { Follow } from './follow.ts'

export const follow: Follow = (endpoint, _names, take) => {
  const client = connect({ endpoint })
  client.on('*', (_detail, event) => take('message', JSON.stringify(event)))
  client.onState((state) => state.status === 'open' && take('connected', state.cursor))
  client.onReset(({ reason }) => take('reset', reason))
  return { close: () => client.close(), isOver: () => client.state.status === 'stopped' }
}
