import { requestOf, type StreamCheck, within } from './check.ts'
import { type Finding, ok, warning, wrong } from './finding.ts'
import { type Frame, Frames, soonMs } from './frames.ts'
import { ask } from './stream-request.ts'

/** A place that no log has. */
const unknownCursor = 'nobody.0000000000001.doctor'
const cure =
  'Pass the header Last-Event-ID and the query on as they are; nginx does by itself, a CDN may need it in its list of headers'

/**
 * Whether a client that comes back goes on where it was. A place of this log is taken as it is, and one that no log has is answered with
 * a reset: only when that comes did the header get through.
 */
export async function* checkResume(check: StreamCheck, { id }: Frame): AsyncGenerator<Finding, void, undefined> {
  if (!id) {
    yield warning(
      'resume',
      'the stream names no place to come back to',
      'Give createTrunkline a store: without one nothing can be resumed',
    )
    return
  }
  const known = await comeBack(check, id)
  if (known === null) {
    yield wrong(
      'resume',
      'a second stream did not open',
      'Let one user have two streams at least: maxConnectionsPerUser; or look at the answer with curl -N',
    )
    return
  }
  if (known.some(isReset)) {
    yield wrong(
      'resume',
      `the place ${id} of a moment ago was answered with a reset`,
      'Give all processes the same database and schema',
    )
    return
  }
  const unknown = await comeBack(check, unknownCursor)
  yield unknown?.some(isReset) === true
    ? ok('resume', 'a client that comes back goes on at its place')
    : wrong('resume', 'Last-Event-ID does not reach the application: whoever comes back misses events', cure)
}

/** The first frames after coming back with a place; null when none came. */
async function comeBack(check: StreamCheck, cursor: string): Promise<readonly Frame[] | null> {
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, check.signal])
  const request = requestOf(check, signal)
  try {
    const answer = await within(
      check.patienceMs,
      ask({ ...request, headers: { ...request.headers, 'last-event-id': cursor } }),
      signal,
    )
    if (answer === 'late' || answer.status !== 200) return null
    const frames = new Frames(answer)
    const first = await frames.first(check.patienceMs)
    if (typeof first === 'string') return null
    // A reset comes directly after the first frame.
    const second = await frames.next(soonMs)
    return typeof second === 'string' ? [first] : [first, second]
  } finally {
    over.abort()
  }
}

/** In each dialect. */
function isReset({ name, data }: Frame): boolean {
  return name === 'reset' || name === 'stream-reset' || data.includes('"type":"reset"')
}
