import type { ConnectionState } from '@trunkline/client'
import { type ReactElement, useState } from 'react'

import { useConnectionState } from './realtime.ts'

/** Says in words how the connection is doing. */
export function Connection(): ReactElement {
  const state = useConnectionState()
  const [wasOpen, setWasOpen] = useState(false)
  if (state.status === 'open' && !wasOpen) setWasOpen(true)
  return (
    <p className={`connection ${state.status}`} role="status">
      {wordsFor(state, wasOpen)}
    </p>
  )
}

function wordsFor(state: ConnectionState, wasOpen: boolean): string {
  if (state.status === 'connecting') return wasOpen ? 'Reconnecting …' : 'Connecting …'
  if (state.status === 'open') return state.role === 'follower' ? 'Live, through another tab' : 'Live'
  if (state.status === 'waiting') return 'No connection. What you miss will be caught up.'
  return state.reason === 'unauthorized' ? 'You were signed out. Reload the page.' : 'Disconnected. Reload the page.'
}
