import { createTrunkline, memory } from '@trunkline/core'
import { metricsHandler, prometheusText } from '@trunkline/admin/metrics'
// @ts-expect-error -- it has no types
import parser from 'parse-prometheus-text-format'
import { describe, expect, test } from 'vitest'

/** As the parser, which is not ours, gives them. */
interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'COUNTER' | 'GAUGE' | 'HISTOGRAM'
  readonly metrics: readonly {
    readonly value?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly buckets?: Readonly<Record<string, string>>
    readonly count?: string
    readonly sum?: string
  }[]
}

const parse = parser as (text: string) => readonly Family[]

describe('the metrics of a process', () => {
  test('are what stats() says, in the types and units that Prometheus asks for', async () => {
    await using trunkline = createTrunkline({ ...memory() })
    const stream = await trunkline.connect({ userId: 7 })
    await stream.next()
    const next = stream.next()
    await trunkline.publish({ userId: 7, type: 'x' })
    await next
    const stats = { ...trunkline.stats(), queueUsage: 0.25 }
    const families = parse(prometheusText(stats))

    expect(Object.fromEntries(families.map(({ name, type }) => [name, type]))).toEqual({
      trunkline_info: 'GAUGE',
      trunkline_events_published_total: 'COUNTER',
      trunkline_events_stored_total: 'COUNTER',
      trunkline_events_delivered_total: 'COUNTER',
      trunkline_events_dropped_total: 'COUNTER',
      trunkline_resets_total: 'COUNTER',
      trunkline_catch_up_reads_total: 'COUNTER',
      trunkline_flush_events: 'HISTOGRAM',
      trunkline_flush_duration_seconds: 'HISTOGRAM',
      trunkline_publish_to_write_seconds: 'HISTOGRAM',
      trunkline_connections: 'GAUGE',
      trunkline_queued_bytes: 'GAUGE',
      trunkline_lag_seconds: 'GAUGE',
      trunkline_listener_state: 'GAUGE',
      trunkline_listener_last_heard_timestamp_seconds: 'GAUGE',
      trunkline_notification_queue_usage_ratio: 'GAUGE',
    })
    const metric = (name: string) => families.find((family) => family.name === name)?.metrics ?? []
    expect(metric('trunkline_info')).toEqual([{ value: '1', labels: { process: stats.process } }])
    expect(metric('trunkline_events_delivered_total')).toEqual([{ value: '1' }])
    expect(metric('trunkline_connections')).toEqual([{ value: '1' }])
    expect(metric('trunkline_notification_queue_usage_ratio')).toEqual([{ value: '0.25' }])
    expect(metric('trunkline_listener_state')).toContainEqual({ value: '1', labels: { state: 'listening' } })
    expect(metric('trunkline_listener_state').filter(({ value }) => value === '1')).toHaveLength(1)
    expect(metric('trunkline_flush_events')[0]).toMatchObject({ count: '1', sum: '1', buckets: { '1': '1', '+Inf': '1' } })
    stream.close()
  })

  test('have cumulative buckets, in seconds', () => {
    const trunkline = createTrunkline({ ...memory() })
    const latencyMs = { bounds: [1, 50], counts: [2, 3, 4], sum: 1_234 }
    const families = parse(prometheusText({ ...trunkline.stats(), latencyMs }))
    const [metric] = families.find(({ name }) => name === 'trunkline_publish_to_write_seconds')?.metrics ?? []
    expect(metric).toEqual({ buckets: { '0.001': '2', '0.05': '5', '+Inf': '9' }, count: '9', sum: '1.234' })
  })

  test('leave out what is not known', () => {
    const text = prometheusText(createTrunkline({ ...memory() }).stats())
    expect(text).not.toContain('null')
    expect(text).not.toContain('queue_usage')
    expect(text).not.toContain('last_heard')
  })
})

describe('the route', () => {
  const errors: unknown[] = []
  const trunkline = createTrunkline({ ...memory(), onError: (error) => errors.push(error) })
  const get = (authorize: (request: Request) => boolean | Promise<boolean>, init: RequestInit = {}) =>
    metricsHandler(trunkline, { authorize })(new Request('http://localhost/metrics', init))

  test('answers who may read, as Prometheus wants it', async () => {
    const answer = await get((request) => request.headers.get('authorization') === 'Bearer t', {
      headers: { authorization: 'Bearer t' },
    })
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(parse(await answer.text()).length).toBeGreaterThan(10)
  })

  test('is closed to everyone else: to who is refused, and where authorize fails or forgets to say yes', async () => {
    const refusing: ((request: Request) => boolean)[] = [
      () => false,
      () => undefined as unknown as boolean,
      () => 'yes' as unknown as boolean,
      () => {
        throw new Error('broken')
      },
    ]
    for (const authorize of refusing) {
      const answer = await get(authorize)
      expect([answer.status, await answer.text()]).toEqual([403, 'Not for you.\n'])
    }
    expect(errors).toEqual([new Error('broken')])
  })

  test('is for reading alone', async () => {
    const answer = await get(() => true, { method: 'POST' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await (await get(() => true, { method: 'HEAD' })).text()).toBe('')
  })
})
