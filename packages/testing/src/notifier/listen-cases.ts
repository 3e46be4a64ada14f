import type { ListenHandlers } from '@trunkline/core'

import { same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause, until } from '../pause.ts'
import { newPayload, type NotifierUnderTest } from './notifier-under-test.ts'

/** When it listens, and that it says so. */
export const listenCases: readonly CaseDefinition<NotifierUnderTest>[] = [
  {
    name: 'listening is announced before the first payload',
    must: 'onListening MUST be called before any payload.',
    async run(deployment) {
      for (const notifier of deployment.processes) {
        const ear = deployment.listen(notifier)
        while (ear.payloads.length === 0) {
          deployment.signal.throwIfAborted()
          await deployment.notifier.notify(newPayload())
          await pause()
        }
        same('the first thing heard', ear.heard.find(({ kind }) => kind !== 'error')?.kind, 'listening')
      }
    },
  },
  {
    name: 'nothing is missed once listening is announced',
    must: 'onListening MUST NOT be called before listening is established: core looks at the log right then, and relies on payloads for the rest.',
    async run(deployment) {
      for (const [index, notifier] of deployment.processes.entries()) {
        const speaker = deployment.processes[(index + 1) % deployment.processes.length] ?? notifier
        const payload = newPayload()
        const { promise: said, resolve, reject } = Promise.withResolvers<void>()
        const ear = deployment.listen(notifier, () => void speaker.notify(payload).then(resolve, reject))
        await Promise.all([ear.hears(payload), said])
      }
    },
  },
  {
    name: 'listening is announced each time',
    must: 'onListening MUST be called each time listening is established: for every listener, and again after a stop.',
    async run(deployment) {
      const together = [deployment.listen(), deployment.listen()]
      await Promise.all(together.map((ear) => ear.listening()))
      await Promise.all(together.map((ear) => ear.stop()))
      const again = await deployment.listen().listening()
      const payload = newPayload()
      await deployment.notifier.notify(payload)
      await again.hears(payload)
    },
  },
  {
    name: 'listening twice hears twice',
    must: 'Each call of listen MUST be a listener of its own, also when the handlers are the same.',
    async run(deployment) {
      const heard: string[] = []
      let established = 0
      const handlers: ListenHandlers = {
        onPayload: (payload) => void heard.push(payload),
        onListening: () => void established++,
        onError: () => {},
      }
      const stops = [deployment.notifier.listen(handlers), deployment.notifier.listen(handlers)]
      try {
        await until(() => established >= 2, deployment.signal)
        const payload = newPayload()
        await deployment.notifier.notify(payload)
        await until(() => heard.filter((item) => item === payload).length >= 2, deployment.signal)
      } finally {
        await Promise.all(stops.map((stop) => stop()))
      }
    },
  },
]
