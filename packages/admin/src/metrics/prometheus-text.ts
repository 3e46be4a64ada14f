import type { Stats } from '@trunkline/core'

import { expose, type Metric, type Sample } from './exposition.ts'

const states = ['stopped', 'connecting', 'listening', 'polling'] as const

/**
 * The numbers of one process in Prometheus's text format. Pure: it asks nothing and counts nothing.
 *
 * @example
 * const text = prometheusText(trunkline.stats())
 */
export function prometheusText(stats: Stats): string {
  const { process, listener, tail, connections, queuedBytes, queueUsage, counters, flushes, latencyMs } = stats
  const lastHeard = listener.lastHeard === null ? [] : [{ value: Date.parse(listener.lastHeard) / 1_000 }]
  return expose([
    gauge('info', 'Always 1. The label names this process as the pages of admin do.', [{ value: 1, labels: { process } }]),
    counter('events_published_total', 'Events that publish took.', counters.published),
    counter('events_stored_total', 'Of those, events that were stored, or given to a transaction.', counters.stored),
    counter('events_delivered_total', 'Events handed to connections, once for each.', counters.delivered),
    counter('events_dropped_total', 'Events that a hook dropped on their way to a connection.', counters.dropped),
    counter('resets_total', 'Clients that were told that history was lost.', counters.resets),
    counter('catch_up_reads_total', 'Reads of the store for clients behind the memory of the process.', counters.catchUpReads),
    { name: 'flush_events', type: 'histogram', help: 'Events in one append to the log.', histogram: flushes.events, divisor: 1 },
    inSeconds('flush_duration_seconds', 'How long one append to the log took.', flushes.ms),
    inSeconds('publish_to_write_seconds', "From an event's createdAt to the connections that waited for it.", latencyMs),
    gauge('connections', 'Open streams.', [{ value: connections }]),
    gauge('queued_bytes', 'Bytes that are ready for clients and not yet taken by their hosts.', [{ value: queuedBytes }]),
    gauge('lag_seconds', 'How old the newest event was when it was delivered here.', [{ value: tail.lagMs / 1_000 }]),
    gauge(
      'listener_state',
      '1 for the state the listener is in. polling: it is deaf, and looks at the log twice a second instead.',
      states.map((state) => ({ value: state === listener.state ? 1 : 0, labels: { state } })),
    ),
    gauge('listener_last_heard_timestamp_seconds', 'When the last notification came.', lastHeard),
    gauge(
      'notification_queue_usage_ratio',
      "How full the database's queue of notifications is; above 0.8 the log is no longer announced.",
      queueUsage === null ? [] : [{ value: queueUsage }],
    ),
  ])
}

function counter(name: string, help: string, value: number): Metric {
  return { name, type: 'counter', help, samples: [{ value }] }
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'gauge', help, samples }
}

function inSeconds(name: string, help: string, histogram: Stats['latencyMs']): Metric {
  return { name, type: 'histogram', help, histogram, divisor: 1_000 }
}
