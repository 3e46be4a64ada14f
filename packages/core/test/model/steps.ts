import * as fc from 'fast-check'

/** What can happen to a log, to the processes that follow it, and to their clients. */
export type Step =
  | {
      readonly kind: 'publish'
      readonly to: 'user' | 'global' | 'channel' | 'system'
      readonly who: number
      readonly count: number
    }
  | { readonly kind: 'publishUnstored'; readonly who: number }
  | { readonly kind: 'publishInTransaction'; readonly who: number }
  | { readonly kind: 'endTransaction'; readonly isCommit: boolean }
  | { readonly kind: 'changeRights'; readonly client: number; readonly may: boolean }
  | { readonly kind: 'read'; readonly client: number; readonly chunks: number }
  | { readonly kind: 'reconnect'; readonly client: number; readonly server: number }
  | { readonly kind: 'loseNotifications'; readonly count: number }
  | { readonly kind: 'relisten' }
  | { readonly kind: 'prune'; readonly keep: number }
  | { readonly kind: 'restart'; readonly server: number }
  | { readonly kind: 'settle'; readonly ticks: number }
  | { readonly kind: 'forget'; readonly count: number }
  | { readonly kind: 'slowReads'; readonly before: number; readonly after: number }
  | { readonly kind: 'slowHooks'; readonly onReceive: number; readonly beforeSend: number }

type Kind = Step['kind']

const client = fc.nat(3)
const server = fc.nat(1)
const few = fc.integer({ min: 1, max: 3 })
const pause = fc.nat(3)

const arbitraries: Record<Kind, fc.Arbitrary<Step>> = {
  publish: fc.record({
    kind: fc.constant('publish'),
    to: fc.constantFrom('user', 'global', 'channel', 'system'),
    who: fc.nat(1),
    count: fc.integer({ min: 1, max: 4 }),
  }),
  publishUnstored: fc.record({ kind: fc.constant('publishUnstored'), who: fc.nat(1) }),
  publishInTransaction: fc.record({ kind: fc.constant('publishInTransaction'), who: fc.nat(1) }),
  endTransaction: fc.record({ kind: fc.constant('endTransaction'), isCommit: fc.boolean() }),
  changeRights: fc.record({ kind: fc.constant('changeRights'), client, may: fc.boolean() }),
  read: fc.record({ kind: fc.constant('read'), client, chunks: few }),
  reconnect: fc.record({ kind: fc.constant('reconnect'), client, server }),
  loseNotifications: fc.record({ kind: fc.constant('loseNotifications'), count: few }),
  relisten: fc.record({ kind: fc.constant('relisten') }),
  prune: fc.record({ kind: fc.constant('prune'), keep: fc.nat(8) }),
  restart: fc.record({ kind: fc.constant('restart'), server }),
  settle: fc.record({ kind: fc.constant('settle'), ticks: few }),
  forget: fc.record({ kind: fc.constant('forget'), count: fc.integer({ min: 1, max: 6 }) }),
  slowReads: fc.record({ kind: fc.constant('slowReads'), before: pause, after: pause }),
  slowHooks: fc.record({ kind: fc.constant('slowHooks'), onReceive: pause, beforeSend: pause }),
}

/** A schedule in which each kind of step comes as often as its weight says. */
export function schedule(weights: Partial<Record<Kind, number>>): fc.Arbitrary<readonly Step[]> {
  const weighted = Object.entries(weights).map(([kind, weight]) => ({ weight, arbitrary: arbitraries[kind as Kind] }))
  return fc.array(fc.oneof(...weighted), { minLength: 1, maxLength: 60 })
}
