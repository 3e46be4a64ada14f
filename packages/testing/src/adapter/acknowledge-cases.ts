import { check, same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import { pause } from '../pause.ts'
import type { AdapterUnderTest } from './adapter-under-test.ts'

const post = { method: 'POST', headers: { 'x-user': 'ann' } }

/** What clients say of the events that they got. */
export const acknowledgeCases: readonly CaseDefinition<AdapterUnderTest>[] = [
  {
    name: 'clients acknowledge events that are for them',
    must: 'With tracking, POST to `/acknowledge` MUST be noted for who identify says, whatever body comes with it.',
    async run(adapter) {
      const site = await adapter.open({ server: { tracking: true }, identify: (header) => header('x-user') })
      const ours = await site.trunkline.publish({ userId: 'ann', type: 'said', detail: 1 })
      const theirs = await site.trunkline.publish({ userId: 'ben', type: 'said', detail: 2 })
      const path = `/acknowledge?status=read&id=${ours.id}&id=${theirs.id}&id=none`
      same('answer', await site.answer(path, post), [200, '{"count":1}'])
      // Noted in batches, a moment later.
      const end = Date.now() + 3_000
      const isRead = async (): Promise<boolean> => (await site.trunkline.activities(ours.id))?.status === 'read'
      while (!(await isRead())) {
        check(Date.now() < end, 'activities: the event was acknowledged as read, and that is not noted.')
        await pause(5)
      }
      same('status of the event of another', (await site.trunkline.activities(theirs.id))?.status === 'read', false)
    },
  },
  {
    name: 'an acknowledgement that says nothing is 400',
    must: 'What cannot be an acknowledgement MUST be refused with 400.',
    async run(adapter) {
      const site = await adapter.open({ server: { tracking: true } })
      const { status, error } = await site.refusal('/acknowledge?status=eaten&id=1', { method: 'POST' })
      same('refusal', [status, error], [400, 'invalid_acknowledgement'])
    },
  },
  {
    name: 'acknowledgements are POST, from our own pages',
    must: 'Other methods MUST be refused with 405 and another site with 403: the cookies of who visits it would come along.',
    async run(adapter) {
      const site = await adapter.open({ server: { tracking: true } })
      const path = '/acknowledge?status=read&id=1'
      const { status, headers } = await site.refusal(path)
      same('answer to GET', [status, headers.get('allow')], [405, 'POST, OPTIONS'])
      const foreign = await site.refusal(path, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })
      same('answer to another site', [foreign.status, foreign.error], [403, 'forbidden'])
    },
  },
]
