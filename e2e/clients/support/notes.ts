import type { Outcome } from './scene.ts'

/** Why a cell says what it says. */
export interface Note {
  readonly column: Exclude<keyof Outcome, 'story'>
  readonly says: string
  /** Of these clients, or in these dialects. Defaults to all. */
  readonly clients?: readonly string[]
  readonly dialects?: readonly string[]
  readonly because: string
}

/** What needs no reason: a user hopes for it. */
export const fine: readonly string[] = ['all', 'resumes', 'stays away']

/** Numbered in this order under the table. */
export const notes: readonly Note[] = [
  {
    column: 'busy',
    says: 'gives up',
    because: 'The HTML standard ends an EventSource for good at any answer but 200: close it, and open another one.',
  },
  {
    column: 'busy',
    says: 'loses an event',
    clients: ['htmx-alone'],
    because: 'It opens a new EventSource, which starts at the address in `sse-connect` and not where the old one was.',
  },
  {
    column: 'broken',
    says: 'gets nothing',
    clients: ['fetch-event-source-alone'],
    because:
      'It takes the end of a connection for the end of all: a stream over HTTP/1.1 ends with its connection, in order or not.',
  },
  {
    column: 'restart',
    says: 'gets nothing',
    clients: ['fetch-event-source-alone'],
    because: 'It takes the end of a stream for the end of all, for the same reason.',
  },
  {
    column: 'busy',
    says: '–',
    clients: ['fetch-event-source-alone'],
    because: 'It did not come back to be told 503, for the same reason.',
  },
  {
    column: 'refused',
    says: '–',
    clients: ['fetch-event-source-alone'],
    because: 'It was over before it could be refused, for the same reason.',
  },
  {
    column: 'refused',
    says: 'comes back',
    clients: ['reconnecting-eventsource'],
    because: 'It opens a new EventSource whatever the answer was, and cannot know it: `close()` it at the frame of the end.',
  },
  {
    column: 'refused',
    says: 'comes back',
    clients: ['eventsource-client-alone'],
    because: 'It comes back after any answer but 204.',
  },
  {
    column: 'frames',
    says: 'not: heartbeat, end',
    clients: ['trunkline-client'],
    because: 'It keeps them to itself, and watches for heartbeats. The others are its `onState` and `onReset`.',
  },
  {
    column: 'frames',
    says: 'not: end',
    clients: ['fetch-event-source-alone'],
    because: 'It was over before that frame had a reason to come, as for (6).',
  },
]
