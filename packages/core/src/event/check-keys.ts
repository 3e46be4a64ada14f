import { TrunklineError } from '../errors.ts'
import { complaint, type Elsewhere } from '../known-keys.ts'
import type { UncheckedInput } from './create-event.ts'
import type { Scope } from './event.ts'

const common = ['type', 'detail', 'raw', 'privateData', 'store', 'idempotencyKey']

const keys: Readonly<Record<Scope, readonly string[]>> = {
  user: ['userId', ...common],
  channel: ['channel', 'skipUserIds', ...common],
  global: common,
  system: ['userId', ...common],
}

/** What of an event is not said in the event, or is another name's. */
const elsewhere: Elsewhere = {
  transaction: 'goes into the second argument: publish(event, { transaction })',
  id: "is Trunkline's to give. To publish something once only, give it an idempotencyKey; to send a stored event again, use replay(id)",
  createdAt: "is Trunkline's to give. Put a time of your own into detail",
  cursor: "is Trunkline's to give: leave it out",
  data: 'is called `detail` here',
  payload: 'is called `detail` here',
}

const methods: Readonly<Record<Scope, string>> = {
  user: 'publish({ userId, … })',
  channel: 'publishToChannel({ channel, … })',
  global: 'publishGlobal({ … })',
  system: 'publishSystem({ … })',
}

/**
 * Refuses an event with a key that would be ignored: a `channel` that publish() does not look at, a misspelt `detail`.
 *
 * @throws {TrunklineError} `invalid_event`
 */
export function checkKeys(scope: Scope, input: UncheckedInput): void {
  for (const key in input) {
    if (keys[scope].includes(key)) continue
    const value = input[key]
    // publishMany's items say it, and may leave out what is not theirs by saying undefined.
    if (key === 'scope' ? value === scope : value === undefined && isKey(key)) continue
    throw new TrunklineError('invalid_event', `${of(scope)} ${refusal(scope, key, value)}`)
  }
}

function refusal(scope: Scope, key: string, value: unknown): string {
  if (key === 'scope') return `says scope ${JSON.stringify(value)}: use ${methods[isScope(value) ? value : scope]}.`
  if (key === 'channel') return `has no channel: use ${methods.channel} for the readers of a channel.`
  if (key === 'userId') return `has no userId: use ${methods.user} for one user.`
  if (key === 'skipUserIds') return `has no skipUserIds: they are for ${methods.channel}.`
  return `has a key that nobody reads. ${complaint('key', key, keys[scope], elsewhere)}`
}

function of(scope: Scope): string {
  return `An event of scope "${scope}"`
}

function isKey(key: string): boolean {
  return Object.values(keys).some((names) => names.includes(key))
}

function isScope(value: unknown): value is Scope {
  return typeof value === 'string' && Object.hasOwn(methods, value)
}
