import { same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { Ear } from './ear.ts'
import { newPayload, type NotifierUnderTest } from './notifier-under-test.ts'

/** Ending a listener. */
export const stopCases: readonly CaseDefinition<NotifierUnderTest>[] = [
  {
    name: 'nothing is heard after stop',
    must: 'Once stop has resolved the listener MUST NOT be told anything any more.',
    async run(deployment) {
      const witness = await deployment.listen().listening()
      const stopped = await deployment.listen().listening()
      await stopped.stop()
      const told = stopped.heard.length
      await sayTwice(deployment, witness)
      same('heard after stop', stopped.heard.slice(told), [])
    },
  },
  {
    name: 'stop may be called again',
    must: 'stop MUST be idempotent: called again, during or after the first, it resolves.',
    async run(deployment) {
      const ear = await deployment.listen().listening()
      await Promise.all([ear.stop(), ear.stop()])
      await ear.stop()
    },
  },
  {
    name: 'stop ends one listener and no other',
    must: 'stop MUST end the listener that it came from, and leave the others alone.',
    async run(deployment) {
      const [first, second, third] = await Promise.all([0, 1, 2].map(() => deployment.listen().listening()))
      await second?.stop()
      await second?.stop()
      const payload = newPayload()
      await deployment.notifier.notify(payload)
      await Promise.all([first?.hears(payload), third?.hears(payload)])
    },
  },
  {
    name: 'a listener that is stopped at once never listens',
    must: 'stop MUST work before listening is established: nothing is told after it has resolved.',
    async run(deployment) {
      const witness = await deployment.listen().listening()
      const stopped = deployment.listen()
      await stopped.stop()
      const told = stopped.heard.length
      await sayTwice(deployment, witness)
      same('heard after stop', stopped.heard.slice(told), [])
    },
  },
]

/** A second time, so that what was on its way when the first was heard has had its time. */
async function sayTwice(deployment: NotifierUnderTest, witness: Ear): Promise<void> {
  for (const payload of [newPayload(), newPayload()]) {
    await deployment.notifier.notify(payload)
    await witness.hears(payload)
  }
}
