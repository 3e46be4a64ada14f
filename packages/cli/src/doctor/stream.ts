import { requestOf, type StreamCheck, within } from './check.ts'
import { curesFor } from './cures.ts'
import { type Finding, ok, warning, wrong } from './finding.ts'
import { type Frame, Frames } from './frames.ts'
import { checkHead, judgeAnswer } from './head.ts'
import { checkResume } from './resume.ts'
import { type Answer, ask } from './stream-request.ts'

/** Of servers that do not say theirs. */
const defaultHeartbeatMs = 15_000

/** Looks at a stream through its public URL, as a browser gets it, and stops where what comes next could not be. */
export async function* checkStream(check: StreamCheck): AsyncGenerator<Finding, void, undefined> {
  const head = await checkHead(check)
  yield head.finding
  if (head.finding.state === 'wrong') return
  const over = new AbortController()
  try {
    yield* checkBody(check, AbortSignal.any([over.signal, check.signal]), head.answer)
  } finally {
    over.abort()
  }
}

async function* checkBody(
  check: StreamCheck,
  signal: AbortSignal,
  head: Answer | undefined,
): AsyncGenerator<Finding, void, undefined> {
  const cures = curesFor(head?.headers ?? {})
  const started = performance.now()
  const held = (what: string): Finding =>
    wrong('unbuffered', `${what} within ${check.patienceMs} ms: something in between holds the stream back`, cures.buffering)
  const answer = await within(check.patienceMs, ask(requestOf(check, signal)), signal)
  if (answer === 'late') {
    yield held('HEAD was answered, and the head of the stream did not come')
    return
  }
  const refusal = judgeAnswer(answer, check.url, 'GET')
  if (refusal.state === 'wrong') {
    yield refusal
    return
  }
  const frames = new Frames(answer)
  const first = await frames.first(check.patienceMs)
  if (first === 'late') {
    yield held('the head came, and no frame')
    return
  }
  if (first === 'ended') {
    yield wrong('unbuffered', 'the stream ended before its first frame', cures.timeout)
    return
  }
  yield ok('unbuffered', `the first frame came after ${Math.round(performance.now() - started)} ms`)

  const encoding = answer.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    yield warning('compression', `something compresses the stream (${encoding}), and may hold events back`, cures.compression)
  yield judgeVersion(answer, check.url, cures.http2)
  yield* checkResume(check, first)
  yield await checkHeartbeat(check, frames, first, started, curesFor(answer.headers))
}

function judgeVersion({ version }: Answer, url: URL, cure: string): Finding {
  if (version === 'HTTP/2') return ok('HTTP/2', 'is spoken')
  const why = url.protocol === 'http:' ? 'browsers speak it over TLS only' : 'it is not offered'
  return warning('HTTP/2', `${why}: over HTTP/1.1 a browser opens six connections, and each tab's stream takes one`, cure)
}

/** Anything counts: heartbeats come while nothing else does. */
async function checkHeartbeat(
  { watchMs, patienceMs }: StreamCheck,
  frames: Frames,
  first: Frame,
  started: number,
  cures: ReturnType<typeof curesFor>,
): Promise<Finding> {
  const heartbeatMs = heartbeatOf(first)
  const latest = heartbeatMs + Math.max(2_000, Math.min(patienceMs, heartbeatMs))
  for (let count = 0; ;) {
    const frame = await frames.next(latest)
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    if (frame === 'late')
      return wrong(
        'heartbeat',
        `nothing came for ${latest} ms, and one is due every ${heartbeatMs} ms: something in between holds the stream back`,
        cures.buffering,
      )
    if (frame === 'ended')
      return wrong(
        'heartbeat',
        `the stream was cut after ${seconds} s, and heartbeats come every ${heartbeatMs} ms`,
        `${cures.timeout}; or lower heartbeatMs to half of what the proxy allows`,
      )
    if (frame.name === 'goodbye')
      return warning(
        'heartbeat',
        `the server ended the stream after ${seconds} s: ${frame.data}`,
        'Run it again: it was deployed, or the right to the stream ended',
      )
    count++
    if (performance.now() - started >= (watchMs ?? 0))
      return ok(
        'heartbeat',
        `${count} ${count === 1 ? 'frame' : 'frames'} in ${seconds} s, one is due every ${heartbeatMs} ms${watchMs === undefined ? '; longer with --watch 5m' : ', and nothing cut the stream'}`,
      )
  }
}

/** The default dialect says in its first frame how often they come. */
function heartbeatOf({ data }: Frame): number {
  const [, ms] = /"heartbeatMs":(\d+)/.exec(data) ?? []
  return ms === undefined ? defaultHeartbeatMs : Number(ms)
}
