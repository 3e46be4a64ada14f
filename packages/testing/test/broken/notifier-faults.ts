import { type ListenHandlers, memory, type Notifier } from '@trunkline/core'

import { pause } from '../../src/pause.ts'
import { OnPurpose } from './broken-store.ts'

/** What a notifier does otherwise than the honest one that it is made from. */
export type NotifierFault = (honest: Notifier) => Partial<Notifier>

/** A new notifier of memory(), with one fault. */
export function brokenNotifier(fault: NotifierFault): Notifier {
  const { notifier } = memory()
  const honest: Notifier = { notify: (payload) => notifier.notify(payload), listen: (handlers) => notifier.listen(handlers) }
  return { ...honest, ...fault(honest) }
}

/** By the name of the case that has to find it, and by what is wrong. */
export const notifierFaults: Readonly<Record<string, Readonly<Record<string, NotifierFault>>>> = {
  'notify reaches every listener, the own process included': {
    'tells the first one only': (honest) => {
      let first: ListenHandlers | undefined
      return {
        listen(handlers) {
          first ??= handlers
          return honest.listen(first === handlers ? handlers : { ...handlers, onPayload: () => {} })
        },
      }
    },
    'tells nobody': () => ({ notify: async () => {} }),
  },
  'the payloads of one process are heard in their order': {
    'sends each on a way of its own': (honest) => {
      let count = 0
      return {
        async notify(payload) {
          setTimeout(() => void honest.notify(payload), (count++ * 7) % 5)
        },
      }
    },
    'loses one': (honest) => {
      let count = 0
      return { notify: async (payload) => (count++ === 50 ? undefined : honest.notify(payload)) }
    },
  },
  'a payload of the largest size arrives whole': {
    'cuts it': (honest) => ({ notify: (payload) => honest.notify(payload.slice(0, 65_535)) }),
    'counts characters': (honest) => ({
      maxPayloadBytes: 7_999,
      async notify(payload) {
        if (payload.length * 3 > 7_999) throw new OnPurpose('payload string too long')
        return honest.notify(payload)
      },
    }),
    'has no room': () => ({ maxPayloadBytes: 0 }),
  },
  'a payload arrives as it was said': {
    'writes it anew': (honest) => ({ notify: (payload) => honest.notify(JSON.stringify(JSON.parse(payload))) }),
    'doubles quotes': (honest) => ({ notify: (payload) => honest.notify(payload.replaceAll("'", "''")) }),
  },
  'notify without listeners resolves': {
    rejects: (honest) => {
      let listeners = 0
      return {
        listen(handlers) {
          listeners++
          return honest.listen(handlers)
        },
        async notify(payload) {
          if (listeners === 0) throw new OnPurpose('no such channel')
          return honest.notify(payload)
        },
      }
    },
    'waits for one': (honest) => ({
      async notify(payload) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const stop = honest.listen({ onPayload: () => {}, onListening: () => {}, onError: () => {} })
        await stop()
        await honest.notify(payload)
        setTimeout(resolve, 60_000).unref()
        return promise
      },
    }),
  },
  'listening is announced before the first payload': {
    'announces it with the first payload': onHandlers((handlers) => {
      let announced = false
      return {
        ...handlers,
        onListening: () => {},
        onPayload(payload) {
          handlers.onPayload(payload)
          if (!announced) handlers.onListening()
          announced = true
        },
      }
    }),
    'announces it late': onHandlers((handlers) => ({
      ...handlers,
      onListening: () => void setTimeout(handlers.onListening, 50),
    })),
  },
  'nothing is missed once listening is announced': {
    'announces it before it listens': (honest) => ({
      listen(handlers) {
        handlers.onListening()
        const listening = pause(20).then(() => honest.listen({ ...handlers, onListening: () => {} }))
        return async () => (await listening)()
      },
    }),
  },
  'listening is announced each time': {
    'announces it once': (honest) => {
      let announced = false
      return {
        listen: (handlers) =>
          honest.listen({
            ...handlers,
            onListening() {
              if (!announced) handlers.onListening()
              announced = true
            },
          }),
      }
    },
    'never announces it': onHandlers((handlers) => ({ ...handlers, onListening: () => {} })),
  },
  'listening twice hears twice': {
    'takes the same handlers for the same listener': (honest) => {
      const listening = new Map<ListenHandlers, ReturnType<Notifier['listen']>>()
      return {
        listen(handlers) {
          const stop = listening.get(handlers) ?? honest.listen(handlers)
          listening.set(handlers, stop)
          return stop
        },
      }
    },
  },
  'nothing is heard after stop': {
    'goes on': (honest) => ({
      listen(handlers) {
        honest.listen(handlers)
        return async () => {}
      },
    }),
    'stops a moment later': (honest) => ({
      listen(handlers) {
        const stop = honest.listen(handlers)
        return async () => void setTimeout(() => void stop(), 20)
      },
    }),
  },
  'stop may be called again': {
    'fails the second time': (honest) => ({
      listen(handlers) {
        const stop = honest.listen(handlers)
        let stopped = false
        return async () => {
          if (stopped) throw new OnPurpose('connection is closed')
          stopped = true
          await stop()
        }
      },
    }),
  },
  'stop ends one listener and no other': {
    'ends them all': (honest) => {
      const stops: ReturnType<Notifier['listen']>[] = []
      return {
        listen(handlers) {
          stops.push(honest.listen(handlers))
          return async () => void (await Promise.all(stops.map((stop) => stop())))
        },
      }
    },
    'counts them': (honest) => {
      const stops: ReturnType<Notifier['listen']>[] = []
      return {
        listen(handlers) {
          stops.push(honest.listen(handlers))
          return async () => stops.pop()?.()
        },
      }
    },
  },
  'a listener that is stopped at once never listens': {
    'cannot be stopped before it listens': (honest) => ({
      listen(handlers) {
        let listening = false
        const stop = honest.listen({
          ...handlers,
          onListening() {
            listening = true
            handlers.onListening()
          },
        })
        return async () => {
          if (listening) await stop()
        }
      },
    }),
  },
}

function onHandlers(change: (handlers: ListenHandlers) => ListenHandlers): NotifierFault {
  return (honest) => ({ listen: (handlers) => honest.listen(change(handlers)) })
}
