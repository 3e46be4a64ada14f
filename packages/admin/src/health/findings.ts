import { amount, bytes, duration } from './units.ts'
import { keptMs, type Recorder, silentMs } from './recorder.ts'

/** Something that is not as it should be, and what to do. */
export interface Finding {
  readonly level: 'bad' | 'warn'
  /** What is wrong. */
  readonly what: string
  /** What it means, and what to do. */
  readonly advice: string
}

const lateMs = 5_000
const fullQueue = 0.8
const fillingQueue = 0.3
const manyQueuedBytes = 64 * 1_024 * 1_024
/** Retention works about once a minute, in turns. */
const retentionSlackMs = 15 * 60_000

/** What is wrong with a deployment, the worst first. docs/operations.md says more of each. */
export function findingsOf(recorder: Recorder): readonly Finding[] {
  const now = Date.now()
  const found: Finding[] = []
  const bad = (what: string, advice: string): void => void found.push({ level: 'bad', what, advice })
  const warn = (what: string, advice: string): void => void found.push({ level: 'warn', what, advice })
  for (const { last, samples } of recorder.processes) {
    const { process, listener, lagMs, queuedBytes, counters } = last.status
    if (now - last.at > silentMs) {
      warn(
        `Process ${process} was last heard of ${duration(now - last.at)} ago.`,
        'It has ended, or it cannot reach the database. If nobody stopped it, look at its log.',
      )
      continue
    }
    if (listener.state === 'polling') {
      bad(
        `Process ${process} is deaf: it has not been able to listen for ${duration(now - Date.parse(listener.since))}.`,
        'Its clients get events up to half a second later, from the log; what is not stored they do not get at all. Its onError said why. Behind PgBouncer in transaction mode, give postgres() a listenUrl that leads to the database directly; otherwise look whether the database can be reached, and has a connection left.',
      )
    }
    if (listener.state === 'connecting' && now - Date.parse(listener.since) > lateMs)
      bad(
        `Process ${process} has been connecting for ${duration(now - Date.parse(listener.since))}.`,
        'Look whether the database can be reached from there.',
      )
    if (lagMs > lateMs)
      warn(
        `Process ${process} delivered its last event ${duration(lagMs)} late.`,
        'If it goes on: the process is busy (a slow onReceive, no processor time left), the database answers slowly, or their clocks differ.',
      )
    if (queuedBytes > manyQueuedBytes)
      warn(
        `Process ${process} holds ${bytes(queuedBytes)} for clients that do not take them.`,
        'Look at Connections for those that lag, and at what stands between: a proxy that does not read on.',
      )
    const resets = counters.resets - (samples[0]?.status.counters.resets ?? 0)
    if (resets > 0)
      warn(
        `Process ${process} told ${amount(resets, 'client')} in this hour that history was lost.`,
        'They were away for longer than the retention keeps events, or the log was restored or failed over. If it is the first, keep events for longer.',
      )
  }
  const usage = Math.max(0, ...recorder.processes.map(({ last }) => last.status.queueUsage ?? 0))
  if (usage > fillingQueue) {
    const report = usage > fullQueue ? bad : warn
    report(
      `PostgreSQL's queue of notifications is ${Math.round(usage * 100)} % full.`,
      'Some session listens and sits in a transaction, of any database of this server: find it in pg_stat_activity by its xact_start and end it. Above 80 % the log is no longer announced and processes poll; at 100 % every transaction that notifies fails.',
    )
  }
  const log = recorder.log.at(-1)?.status
  if (log?.oldest != null && log.retention !== false && log.retention.maxAgeMs !== undefined) {
    const over = now - Date.parse(log.oldest) - log.retention.maxAgeMs
    if (over > retentionSlackMs)
      warn(
        `The oldest event is ${duration(over)} older than the retention allows.`,
        'Pruning does not keep up, or fails: onError was told with the stage prune. A long transaction, a backup say, keeps deleted rows on disk.',
      )
  }
  if (recorder.processes.length === 0 || recorder.processes.every(({ last }) => now - last.at > keptMs))
    bad('No process was heard of.', 'This one is being stopped, or has just started.')
  return found.toSorted((a, b) => a.level.localeCompare(b.level))
}
