import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { newPayload, type NotifierUnderTest } from './notifier-under-test.ts'

/** Enough for an event of 256 KiB that is not stored, which is what core sends at most unless told otherwise. */
const enoughBytes = 300_000

/** What is said is heard. */
export const notifyCases: readonly CaseDefinition<NotifierUnderTest>[] = [
  {
    name: 'notify reaches every listener, the own process included',
    must: 'notify MUST reach every listening process, the one that notifies included.',
    async run(deployment) {
      const ears = [...(await deployment.listenEverywhere()), ...(await deployment.listenEverywhere())]
      for (const notifier of deployment.processes) {
        const payload = newPayload()
        await notifier.notify(payload)
        await Promise.all(ears.map((ear) => ear.hears(payload)))
      }
    },
  },
  {
    name: 'the payloads of one process are heard in their order',
    must: 'notify MUST keep the order of one process: what it said first is heard first. Duplicates are allowed.',
    async run(deployment) {
      const ears = await deployment.listenEverywhere()
      const payloads = Array.from({ length: 100 }, (_, index) => newPayload(index))
      for (const payload of payloads) {
        await deployment.notifier.notify(payload)
      }
      await Promise.all(ears.map((ear) => ear.hears(payloads.at(-1) ?? '')))
      for (const ear of ears) same('payloads heard', ear.payloads, payloads)
    },
  },
  {
    name: 'a payload of the largest size arrives whole',
    must: 'A payload of up to maxPayloadBytes UTF-8 bytes (300,000 where that is more) MUST arrive whole.',
    async run(deployment) {
      const { maxPayloadBytes = Number.POSITIVE_INFINITY } = deployment.notifier
      check(maxPayloadBytes >= 100, `maxPayloadBytes: got ${maxPayloadBytes}, which leaves no room for an event.`)
      const [ear] = await deployment.listenEverywhere()
      const bytes = Math.min(maxPayloadBytes, enoughBytes)
      const start = `"${crypto.randomUUID()}`
      // Three bytes a character: bytes are not characters.
      const room = bytes - start.length - 1
      const payload = `${start}${'€'.repeat(room / 3)}${'x'.repeat(room % 3)}"`
      await deployment.notifier.notify(payload)
      await ear?.hears(payload)
    },
  },
  {
    name: 'a payload arrives as it was said',
    must: 'A Notifier MUST NOT change a payload or look inside: it is JSON text of any content.',
    async run(deployment) {
      const [ear] = await deployment.listenEverywhere()
      const contents = [
        `it's "$1" \\ %s ; -- é漢👩‍👧\u2028`,
        'line\nline\r\n\ttab \0 nul',
        '\ud83d half',
        { '10': 1, '9': [1e21, -0.5, null] },
        '{}',
        ' ',
      ]
      for (const content of contents) {
        const payload = newPayload(content)
        await deployment.notifier.notify(payload)
        await ear?.hears(payload)
      }
      const spaced = ` {"b": 1e2, "a": "${crypto.randomUUID()}"} `
      await deployment.notifier.notify(spaced)
      await ear?.hears(spaced)
    },
  },
  {
    name: 'notify without listeners resolves',
    must: 'notify MUST resolve when nobody listens: a process that only publishes is an ordinary one.',
    async run(deployment) {
      for (const notifier of deployment.processes) {
        await notifier.notify(newPayload())
      }
    },
  },
]
