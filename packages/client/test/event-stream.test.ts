import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { Client, ClientOptions, ConnectionState } from '../src/types.ts'
import { createBundlePage } from './bundle-page.ts'
import { createStream, cursor, quickClient, until } from './support.ts'

const data = (text: string): string => `data: {"type":"said","detail":"${text}"}`
const c = [0, 1, 2, 3].map((position) => cursor(position)) as [string, string, string, string]

interface Vector {
  readonly name: string
  readonly stream: string
  /** What events say, and their cursors. */
  readonly said: readonly (readonly [detail: string, cursor?: string])[]
  /** Where the client stands in the end. Defaults to nowhere. */
  readonly at?: string
  /** How long it waits. Defaults to 0. */
  readonly retryMs?: number
  /** Complaints of frames that are no events. Defaults to none. */
  readonly strange?: number
}

/** From the HTML standard, 9.2.5 and 9.2.6, in frames of our dialect. */
const vectors: readonly Vector[] = [
  ...[
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ].map(([name, end]) => ({
    name: `lines that end with ${name}`,
    // What follows a last CR may be its LF: the frame is complete with the next byte.
    stream: [`id: ${c[1]}`, data('one'), '', ': and', data('two'), '', ':'].join(end),
    said: [['one', c[1]], ['two']] as const,
    at: c[1],
  })),
  {
    name: 'lines of all three ends',
    stream: `${data('one')}\r\n\n${data('two')}\n\r${data('three')}\r\r\n:`,
    said: [['one'], ['two'], ['three']],
  },
  { name: 'a byte order mark', stream: `\uFEFF${data('one')}\n\n`, said: [['one']] },
  {
    name: 'characters of two, three and four bytes',
    stream: `${data('größe 中文 🐘')}\n\n${data('🏁')}\n\n`,
    said: [['größe 中文 🐘'], ['🏁']],
  },
  { name: 'comments', stream: `:\n: x\n:${data('no')}\n${data('one')}\n:: y\n\n: z\n\n`, said: [['one']] },
  { name: 'data in several lines', stream: 'data: {"type":"said",\ndata\ndata:"detail":\ndata:  "one"}\n\n', said: [['one']] },
  {
    name: 'no space, and more than one, after the colon',
    stream: `data:{"type":"said","detail":"one"}\nid:${c[1]}\n\nevent:  event\n${data('no')}\n\n`,
    said: [['one', c[1]]],
    at: c[1],
  },
  { name: 'a colon in a value', stream: 'data: {"type":"said","detail":"a: b:c"}\n\n', said: [['a: b:c']] },
  {
    name: 'fields in any order',
    stream: `${data('one')}\nid: ${c[1]}\n\nid: ${c[2]}\n${data('two')}\nevent: event\n\n`,
    said: [
      ['one', c[1]],
      ['two', c[2]],
    ],
    at: c[2],
  },
  {
    name: 'fields that there are not',
    stream: `Data: x\ndata-x: y\nnothing\n: \n${data('one')}\nretry-after: 5\n\n`,
    said: [['one']],
  },
  {
    name: 'the last of two of a kind',
    stream: `id: ${c[3]}\nid: ${c[1]}\nevent: x\nevent: event\n${data('one')}\n\n`,
    said: [['one', c[1]]],
    at: c[1],
  },
  {
    name: 'empty data',
    stream: `data\n\ndata:\n\nevent: later\nid: ${c[2]}\ndata\n\n${data('one')}\n\n`,
    said: [['one']],
    at: c[2],
    strange: 2,
  },
  { name: 'no data, which is no event', stream: `event: later\n\n\n\n${data('one')}\n\n`, said: [['one']] },
  { name: 'a type that is for one event only', stream: `event: later\ndata: {}\n\n${data('one')}\n\n`, said: [['one']] },
  {
    name: 'an id with NUL',
    stream: `id: ${c[1]}\n${data('one')}\n\nid: ${c[2]}\0\n${data('two')}\n\n`,
    said: [['one', c[1]], ['two']],
    at: c[1],
  },
  {
    name: 'an id that is empty',
    stream: `id: ${c[1]}\n${data('one')}\n\nid\n${data('two')}\n\nid:\n${data('three')}\n\n`,
    said: [['one', c[1]], ['two'], ['three']],
    at: c[1],
  },
  {
    name: 'retry, of digits alone',
    stream: `retry: 1500\n\nretry: 3x\nretry: -4\nretry\nretry: 1e3\n${data('one')}\n\n`,
    said: [['one']],
    retryMs: 1_500,
  },
  { name: 'an end in the middle of a frame', stream: `${data('one')}\n\nid: ${c[1]}\n${data('two')}\n`, said: [['one']] },
]

// What is no event is reported as an uncaught error, or where there is no such thing on the console.
const complaints = vi.fn<(error: unknown) => void>()
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(complaints))
afterEach(() => void vi.restoreAllMocks())

describe.each<[string, (options: ClientOptions, response: Response) => Client]>([
  ['the package', (options, response) => quickClient(options, { fetch: () => Promise.resolve(response) })],
  [
    'the script',
    (() => {
      let next: Response | undefined
      const page = createBundlePage(
        'http://localhost/',
        { src: 'http://localhost/client.js', dataset: { connect: 'manual' } },
        {
          fetch: () => Promise.resolve(next),
          Math: Object.assign(Object.create(Math) as typeof Math, { random: () => 0 }),
        },
      )
      const { connect } = page.run()
      return (options, response) => {
        next = response
        return connect(options)
      }
    })(),
  ],
])('%s reads, cut at every byte and in single bytes,', (_, open) => {
  test.each(vectors)('$name', async ({ stream, said, at = '', retryMs = 0, strange = 0 }) => {
    const bytes = new TextEncoder().encode(stream)
    const whole = { said, at, retryMs, strange }
    expect(await read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole)
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parts = [bytes.subarray(0, cut), bytes.subarray(cut)]
      expect(await read(parts), `cut at byte ${cut}`).toEqual(whole)
    }
  })

  async function read(chunks: readonly Uint8Array[]): Promise<object> {
    const { response, write, end } = createStream()
    for (const chunk of chunks) write(chunk)
    end()
    complaints.mockClear()
    const found: (readonly [string, string?])[] = []
    let place: ConnectionState | undefined
    const client = open({ endpoint: 'http://localhost/sse', share: false, target: null }, response)
    client.on('*', (detail, event) =>
      found.push(event.cursor === undefined ? [detail as string] : [detail as string, event.cursor]),
    )
    // It tells the cursor of the moment in which it is asked.
    client.onState((state) => void (state.status === 'open' && (place = state)))
    await until(() => client.state.status === 'waiting')
    const { state } = client
    client.close()
    return {
      said: found,
      at: place?.status === 'open' ? place.cursor : '',
      retryMs: state.status === 'waiting' && state.delayMs,
      strange: complaints.mock.calls.length,
    }
  }
})
