import type { AnyEvents, EventKey, TrunklineEvent, TypeOfKey } from '@trunkline/core'
import { useEffect, useInsertionEffect, useRef, useSyncExternalStore } from 'react'

import type { Client, ClientOptions, ConnectionState, EventsOf } from '../types.ts'
import { connecting, createHeldClient } from './held-client.ts'

/** What `createHooks` makes. All hooks of one call share one connection, which lasts while a component that uses one is mounted. */
export interface Hooks<E = AnyEvents> {
  /**
   * Listens to a type, to `type:id`, or to everything with `'*'`, while the component is mounted. The handler may be a new function at
   * each render: the latest one is called, and nothing is subscribed anew until the key is another.
   */
  useEvent<const K extends EventKey<E>>(
    key: K,
    handler: (detail: TrunklineEvent<E, TypeOfKey<E, K>>['detail'], event: TrunklineEvent<E, TypeOfKey<E, K>>) => void,
  ): void
  useEvent(key: '*', handler: (detail: TrunklineEvent<E>['detail'], event: TrunklineEvent<E>) => void): void

  /**
   * The client, for event handlers and effects: `client.acknowledge(event, 'read')`, `client.onReset(…)`. The same object in every
   * component and at every render. After `close()` it connects again when all components that use a hook were unmounted and one is mounted.
   */
  useTrunkline(): Client<E>

  /** How the connection is doing; renders the component at every change of status. On a server it is `connecting`. */
  useConnectionState(): ConnectionState
}

/**
 * React hooks for the events of `typeof trunkline`, of `typeof catalogue`, or of an event map. Call it once, outside of components.
 * It connects when a component that uses a hook is mounted, so never on a server.
 *
 * @param options What `connect` takes, or a function that says so. The function is asked at each connection, in the browser. Defaults
 *   to the defaults of `connect`.
 * @example
 * export const { useEvent, useConnectionState } = createHooks<typeof trunkline>()
 */
export function createHooks<T = AnyEvents>(options: ClientOptions | (() => ClientOptions) = {}): Hooks<EventsOf<T>> {
  const { client, hold } = createHeldClient(typeof options === 'function' ? options : () => options)

  function useTrunkline(): Client {
    useEffect(hold, [])
    return client
  }

  function useEvent(key: string, handler: (detail: unknown, event: TrunklineEvent) => void): void {
    const latest = useRef(handler)
    // Of a render that is shown, and before any effect that could have something published.
    useInsertionEffect(() => {
      latest.current = handler
    })
    useEffect(
      () =>
        holding(() =>
          client.on(key, (detail, event) => {
            latest.current(detail, event)
          }),
        ),
      [key],
    )
  }

  function useConnectionState(): ConnectionState {
    return useSyncExternalStore(subscribeToState, stateNow, stateOnServers)
  }

  function subscribeToState(onChange: () => void): () => void {
    return holding(() => client.onState(onChange))
  }

  const stateNow = (): ConnectionState => client.state
  // Also of what is hydrated: the markup that came from the server says so.
  const stateOnServers = (): ConnectionState => connecting

  /** Listens first: the connection that is made then has nothing to say before it is listened to. */
  function holding(listen: () => () => void): () => void {
    const stopListening = listen()
    const letGo = hold()
    return () => {
      stopListening()
      letGo()
    }
  }

  // Event types exist at compile time only: the same hooks serve every catalogue.
  return { useEvent, useTrunkline, useConnectionState } as unknown as Hooks<EventsOf<T>>
}
