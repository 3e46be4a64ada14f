import type { Command } from 'commander'
import { readStoredEvent, type StoredEvent } from '@trunkline/core'

import { Interrupted } from '../exit-codes.ts'
import { type DatabaseOptions, withBackend, withDatabase } from '../options/database.ts'
import { examples } from '../options/examples.ts'
import { filterOf, type FilterOptions, passes, withFilter } from '../options/filter.ts'
import { parseSince, type Since } from '../options/values.ts'
import { follow, type News } from '../tail/follow.ts'
import { lineOf } from '../tail/line.ts'
import { startOf } from '../tail/start.ts'
import type { Terminal } from '../terminal.ts'

interface TailOptions extends DatabaseOptions, FilterOptions {
  readonly since?: Since
  readonly follow: boolean
  readonly private?: boolean
  readonly json?: boolean
}

export function addTail(program: Command, terminal: Terminal): void {
  withFilter(withDatabase(program.command('tail').description('follows the stored events, of all scopes, until Ctrl-C')))
    .option('--since <when>', 'begin earlier: how long ago, a time, how many of the newest, or a cursor', parseSince)
    .option('--no-follow', 'end at the newest event')
    .option('--private', 'show private data as well')
    .option('--json', 'print JSON: one event per line')
    .addHelpText(
      'after',
      '\nReads only, four times a second. Events that are stored nowhere are not seen. Ctrl-C ends it with exit code 0.',
    )
    .addHelpText(
      'after',
      examples(
        ['trunkline tail --type task_complete --user 42', 'what one user gets'],
        ['trunkline tail --since 50', 'the newest 50 events, and on'],
        ['trunkline tail --since 2h --no-follow --json > events.jsonl', 'the last two hours, for a script'],
      ),
    )
    .action(async (options: TailOptions) => {
      try {
        await tail(options, terminal)
      } catch (error) {
        // It is how a tail ends.
        if (!(error instanceof Interrupted)) throw error
      }
    })
}

function tail(options: TailOptions, terminal: Terminal): Promise<void> {
  return withBackend(options, terminal, async ({ store }) => {
    const filter = filterOf(options)
    const { place, warning } = await startOf(store, options.since, filter)
    if (warning !== null) await sayAside(warning, terminal)
    const paint = terminal.paint.bind(terminal)
    for await (const news of follow(store, place, { isEndless: options.follow, signal: terminal.signal })) {
      if (news.kind !== 'events') {
        await sayAside(describe(news), terminal)
        continue
      }
      for (const event of news.events.filter((each) => passes(each, filter))) {
        const shown = shownOf(readStoredEvent(event, news.epoch), options)
        await terminal.print(options.json === true ? JSON.stringify(shown) : lineOf(shown, paint))
        if (terminal.signal.aborted) return
      }
    }
  })
}

/** Private data is for those who ask for it. */
function shownOf(event: StoredEvent, options: TailOptions): StoredEvent {
  if (options.private === true) return event
  const { privateData: _, ...shown } = event
  return shown
}

function sayAside(text: string, terminal: Terminal): Promise<void> {
  return terminal.say(terminal.paintAside('yellow', `-- ${text}`))
}

function describe(news: Exclude<News, { kind: 'events' }>): string {
  switch (news.kind) {
    case 'outage':
      return `${news.message} Trying again …`
    case 'back':
      return 'The database is back; nothing was missed.'
    default:
      return news.reason === 'pruned'
        ? 'Events were pruned before they could be shown. Going on with the oldest there is.'
        : 'This is not the log that was followed: it was restored or made anew. Going on at its end.'
  }
}
