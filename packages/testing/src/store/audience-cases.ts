import type { NewEvent, StoreAudience } from '@trunkline/core'

import { same } from '../assert.ts'
import type { CaseDefinition } from '../contract-case.ts'
import type { LogUnderTest } from './log-under-test.ts'
import { channelEvent, idsOf, newEvent, systemEvent, userEvent } from './new-event.ts'

/** Names that are easily taken for one another. */
const lookAlikes: readonly string[] = ['a', 'A', 'a ', ' a', 'á', 'a\u0301', 'a%', '_', 'c:a', 'u:a', 'g', 's', 'null', '0', '00']

/** Who is given what. */
export const audienceCases: readonly CaseDefinition<LogUnderTest>[] = [
  {
    name: 'a read of everything gives all scopes',
    must: "read for 'everything' MUST give every event, system events included: it is how the tail follows the log.",
    async run(log) {
      const events = oneOfEach()
      await log.append(events)
      same("read('everything'): ids", idsOf(await log.readAll()), idsOf(events))
    },
  },
  {
    name: 'an audience gets global events, its own and those of its channels',
    must: 'read MUST give every event that the audience may see: global ones, those of the user, those of the channels, in log order.',
    async run(log) {
      const events = [...oneOfEach(), ...oneOfEach()]
      await log.append(events)
      const wanted = events.filter(
        ({ scope, userId, channel }) =>
          scope === 'global' || (scope === 'user' && userId === 'me') || channel === 'mine' || channel === 'ours',
      )
      await gets(log, { userId: 'me', channels: ['mine', 'ours'] }, wanted)
      await gets(
        log,
        { userId: 'me', channels: [] },
        wanted.filter(({ scope }) => scope !== 'channel'),
      )
      await gets(
        log,
        { userId: null, channels: ['ours'] },
        wanted.filter(({ scope, channel }) => scope === 'global' || channel === 'ours'),
      )
    },
  },
  {
    name: 'an audience never gets events of others',
    must: 'read MUST NOT give an audience an event of another user or of a channel that it did not ask for.',
    async run(log) {
      await log.append([userEvent('other'), channelEvent('theirs'), channelEvent('theirs', { skipUserIds: ['other'] })])
      await gets(log, { userId: 'me', channels: ['mine'] }, [])
    },
  },
  {
    name: 'an audience never gets system events',
    must: 'read MUST NOT give an audience a system event, not even one that names its user.',
    async run(log) {
      await log.append([systemEvent(), systemEvent({ userId: 'me' })])
      await gets(log, { userId: 'me', channels: ['system', 's'] }, [])
      await gets(log, { userId: null, channels: [] }, [])
    },
  },
  {
    name: 'an anonymous audience never gets user events',
    must: 'read for a userId of null MUST NOT give any user event: null is nobody, and not a user called "null".',
    async run(log) {
      const greeting = newEvent()
      await log.append([userEvent('null'), userEvent('undefined'), userEvent('0'), greeting])
      await gets(log, { userId: null, channels: [] }, [greeting])
      await gets(log, { userId: null, channels: ['null'] }, [greeting])
    },
  },
  {
    name: 'names are told apart exactly',
    must: 'read MUST compare user ids and channel names character by character, and never the one with the other.',
    async run(log) {
      const toUsers = lookAlikes.map((name) => userEvent(name))
      const toChannels = lookAlikes.map((name) => channelEvent(name))
      await log.append([...toUsers, ...toChannels])
      for (const [index, name] of lookAlikes.entries()) {
        await gets(log, { userId: name, channels: [] }, toUsers.slice(index, index + 1))
        await gets(log, { userId: null, channels: [name] }, toChannels.slice(index, index + 1))
      }
    },
  },
  {
    name: 'an event comes once, however it is asked for',
    must: 'read MUST give each event once, also when a channel is named twice.',
    async run(log) {
      const events = [channelEvent('mine'), newEvent(), userEvent('mine'), channelEvent('mine')]
      await log.append(events)
      await gets(log, { userId: 'mine', channels: ['mine', 'mine'] }, events)
    },
  },
]

async function gets(log: LogUnderTest, audience: StoreAudience, wanted: readonly NewEvent[]): Promise<void> {
  const read = await log.readAll({ audience })
  same(`read(${JSON.stringify(audience)}): ids`, idsOf(read), idsOf(wanted))
}

function oneOfEach(): readonly NewEvent[] {
  return [
    newEvent(),
    userEvent('me'),
    userEvent('other'),
    channelEvent('mine'),
    systemEvent(),
    channelEvent('theirs'),
    systemEvent({ userId: 'me' }),
    channelEvent('ours', { skipUserIds: ['somebody'] }),
    newEvent(),
  ]
}
