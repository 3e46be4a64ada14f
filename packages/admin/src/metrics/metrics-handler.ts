import type { MaybePromise, Stats } from '@trunkline/core'

import { prometheusText } from './prometheus-text.ts'

/** Who may read the metrics. */
export interface MetricsOptions {
  /** Only a true is a yes; throwing is no. `() => true` is a decision: a port that only the scraper reaches, say. */
  readonly authorize: (request: Request) => MaybePromise<boolean>
}

/** What a handler reads: a trunkline, whatever its types. */
export interface HasStats {
  stats(): Stats
  report?(error: unknown, context: { readonly stage: 'identify' }): void
}

/**
 * A route for Prometheus to scrape: the numbers of this process. Each process has its own. Nothing is open unless it is mounted.
 *
 * @example
 * const metrics = metricsHandler(trunkline, { authorize: (request) => request.headers.get('authorization') === `Bearer ${token}` })
 * app.get('/metrics', (c) => metrics(c.req.raw)) // Hono; toNodeHandler and toKoaMiddleware elsewhere
 */
export function metricsHandler(trunkline: HasStats, { authorize }: MetricsOptions): (request: Request) => Promise<Response> {
  const isAllowed = async (request: Request): Promise<boolean> => {
    try {
      const answer: unknown = await authorize(request)
      return answer === true
    } catch (error) {
      trunkline.report?.(error, { stage: 'identify' })
      return false
    }
  }
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('Use GET.\n', { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    if (!(await isAllowed(request))) return new Response('Not for you.\n', { status: 403 })
    return new Response(request.method === 'HEAD' ? null : prometheusText(trunkline.stats()), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
    })
  }
}
