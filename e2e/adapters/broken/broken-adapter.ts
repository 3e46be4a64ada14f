import { clientScript } from '@trunkline/client/script'
import { channelsOf, createHttp, createMount, type HttpAnswer, type HttpRequest } from '@trunkline/core/http'
import type { Connection } from '@trunkline/core'
import type { AdapterHost, AdapterSetup } from '@trunkline/testing'

import { fetchHost, webHeader } from '../hosts.ts'
import { optionsFor } from '../options.ts'

/** What an adapter does otherwise than it has to. */
export interface AdapterFault {
  /** With its options. */
  readonly setup?: (setup: AdapterSetup) => Partial<AdapterSetup>
  /** When it translates a request. */
  readonly request?: (request: HttpRequest, native: Request) => Partial<HttpRequest>
  /** With the answer, before it is written. */
  readonly answer?: (answer: HttpAnswer, native: Request) => HttpAnswer
  /** When it writes a stream. */
  readonly write?: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
  /** Instead of asking core at all; null asks. */
  readonly instead?: (native: Request, setup: AdapterSetup) => Response | null | Promise<Response | null>
  readonly habits?: readonly Habit[]
}

type Habit =
  | 'does not hear of a cancelled body'
  | 'does not look at the signal'
  | 'does not look whether it is too late'
  | 'leaves its listener'
  | 'leaves a timer'
  | 'writes ahead'
  | 'does not report'
  | 'does not close what failed'
  | 'does not end what failed'

/** A fetch handler with one fault, as a host. */
export async function brokenHost(given: AdapterSetup, fault: AdapterFault): Promise<AdapterHost> {
  const setup = { ...given, ...fault.setup?.(given) }
  const options = optionsFor<Request>(setup, webHeader)
  const answer = createHttp(setup.trunkline, { clientScript, ...options })
  const mount = createMount(setup.path)
  return fetchHost(async (native) => {
    const instead = await fault.instead?.(native, setup)
    if (instead) return instead
    const { pathname, search } = new URL(native.url)
    const mounted = mount(pathname + search)
    if (mounted === null) return new Response(null, { status: 404 })
    const request: HttpRequest = {
      ...mounted,
      method: native.method,
      header: webHeader(native) as HttpRequest['header'],
      identify: () => options.identify(native),
      channels: channelsOf(options.channels, native, mounted.params),
      toRequest: () => native,
    }
    const answered = await answer({ ...request, ...fault.request?.(request, native) })
    if (answered === null) return new Response(null, { status: 404 })
    const { status, headers, body } = fault.answer?.(answered, native) ?? answered
    if (body === null || typeof body === 'string') return new Response(body, { status, headers })
    const report = (error: unknown): void => setup.trunkline.report?.(error, { stage: 'connection' })
    return new Response(streamOf(body, native.signal, fault, report), { status, headers })
  })
}

function streamOf(
  body: Connection,
  signal: AbortSignal,
  { write = (chunks) => chunks, habits = [] }: AdapterFault,
  report: (error: unknown) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const has = (habit: Habit): boolean => habits.includes(habit)
  const leave = (): void => body.close()
  if (!has('does not look at the signal')) {
    signal.addEventListener('abort', leave)
    if (signal.aborted && !has('does not look whether it is too late')) leave()
  }
  const timer = has('leaves a timer') ? setInterval(() => {}, 60_000) : undefined
  // They would hold up the end of the tests.
  if (timer !== undefined) timers.add(timer)
  void body.closed.then(() => {
    if (!has('leaves its listener')) signal.removeEventListener('abort', leave)
  })
  const chunks = write(body)[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await chunks.next()
          if (done === true) controller.close()
          else controller.enqueue(value as Uint8Array<ArrayBuffer>)
        } catch (error) {
          if (!has('does not report')) report(error)
          if (!has('does not close what failed')) leave()
          if (has('does not end what failed')) return new Promise<void>(() => {})
          throw error
        }
      },
      cancel() {
        if (!has('does not hear of a cancelled body')) leave()
      },
    },
    { highWaterMark: has('writes ahead') ? Number.POSITIVE_INFINITY : 0 },
  )
}

const timers = new Set<NodeJS.Timeout>()

/** Clears up behind adapters that leave timers. */
export function clearTimers(): void {
  for (const timer of timers) clearInterval(timer)
  timers.clear()
}
