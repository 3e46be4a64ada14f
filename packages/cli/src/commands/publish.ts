import { TrunklineError, type AnyPublish, type Receipt } from '@trunkline/core'
import { Argument, type Command, InvalidArgumentError } from 'commander'
import { text } from 'node:stream/consumers'

import { UsageError } from '../exit-codes.ts'
import { type DatabaseOptions, withDatabase, withTrunkline } from '../options/database.ts'
import { examples } from '../options/examples.ts'
import { collect, parseJson } from '../options/values.ts'
import type { Terminal } from '../terminal.ts'

interface PublishOptions extends DatabaseOptions {
  readonly user?: string
  readonly channel?: string
  readonly global?: boolean
  readonly system?: boolean
  readonly skipUser?: readonly string[]
  readonly raw?: string
  readonly private?: unknown
  readonly key?: string
  readonly store: boolean
  readonly json?: boolean
}

/** What stands for stdin. */
const stdinMark = Symbol('stdin')

export function addPublish(program: Command, terminal: Terminal): void {
  const detail = new Argument('[detail]', 'its detail as JSON, {} when left out; - reads it from stdin')
  withDatabase(
    program
      .command('publish')
      .description("publishes one event; the application's catalogue is not asked")
      .argument('<type>', 'what happened, e.g. task_complete')
      .addArgument(detail.argParser((given) => (given === '-' ? stdinMark : parseJson(given)))),
  )
    .option('--user <id>', 'for this user (with --system: about this user)')
    .option('--channel <name>', 'for the readers of this channel')
    .option('--global', 'for everyone, anonymous browsers included')
    .option('--system', 'for backend subscribers only')
    .option('--skip-user <id>', 'with --channel: not for this user; may be repeated', collect)
    .option('--raw <text>', 'send text as it is, in the place of the detail')
    .option('--private <json>', 'stored with the event, never sent', parseJson)
    .option('--key <key>', 'idempotency key: a repeat with the same key publishes nothing')
    .option('--no-store', 'live only: kept nowhere')
    .option('--json', 'print JSON: the receipt')
    .addHelpText(
      'after',
      examples(
        [`trunkline publish task_complete '{"task_id": 123}' --user 42`, 'to all browsers of one user'],
        [`trunkline publish message '{"text": "hi"}' --channel room-7`, 'to the readers of a channel'],
        ['generate-report | trunkline publish report - --global --json', 'detail from a pipe, receipt for a script'],
      ),
    )
    .action(async (type: string, given: unknown, options: PublishOptions) => {
      const event = eventOf(type, given === stdinMark ? await readDetail(terminal) : given, options)
      const [receipt] = await withTrunkline(options, terminal, async (trunkline) => {
        try {
          return await trunkline.publishMany([event])
        } catch (error) {
          if (!(error instanceof TrunklineError) || error.code !== 'store_unavailable' || options.key !== undefined) throw error
          throw new TrunklineError(
            error.code,
            `${error.message} The event may or may not arrive; with --key it could be repeated safely.`,
            { cause: error },
          )
        }
      })
      // One event in, one receipt out.
      await tell(receipt as Receipt, options, terminal)
    })
}

function eventOf(type: string, detail: unknown, options: PublishOptions): AnyPublish {
  const { raw, private: privateData, key, store, skipUser } = options
  if (raw !== undefined && detail !== undefined)
    throw new UsageError(
      `--raw takes the place of the detail: pass one of them. Example: publish note --raw 'some text' --global`,
    )
  if (skipUser !== undefined && options.channel === undefined)
    throw new UsageError('--skip-user belongs to --channel. Example: --channel room-7 --skip-user 42')
  return {
    type,
    ...(raw === undefined ? { detail: detail ?? {} } : { raw }),
    ...(privateData === undefined ? {} : { privateData }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(store ? {} : { store }),
    ...receiverOf(options),
    ...(skipUser === undefined ? {} : { skipUserIds: skipUser }),
  } as AnyPublish // one of its four forms: receiverOf says which
}

function receiverOf({ user, channel, global, system }: PublishOptions): object {
  if ([user !== undefined && system !== true, channel !== undefined, global, system].filter(Boolean).length !== 1) {
    throw new UsageError('Say whom it is for, once: --user, --channel, --global or --system. Example: publish hello --user 42')
  }
  if (channel !== undefined) return { scope: 'channel', channel }
  if (global === true) return { scope: 'global' }
  if (system === true) return { scope: 'system', ...(user === undefined ? {} : { userId: user }) }
  return { scope: 'user', userId: user }
}

async function readDetail({ io }: Terminal): Promise<unknown> {
  try {
    return parseJson(await text(io.stdin))
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw new UsageError(`The detail on stdin: ${error.message}`)
    throw error
  }
}

async function tell({ id, cursor, duplicate }: Receipt, { json }: PublishOptions, terminal: Terminal): Promise<void> {
  if (json === true) return terminal.printJson({ id, cursor, duplicate })
  const what = duplicate === true ? 'was published before:' : 'published'
  return terminal.print(`${terminal.paint('green', what)} ${id}${cursor === null ? ', not stored' : ` at ${cursor}`}`)
}
