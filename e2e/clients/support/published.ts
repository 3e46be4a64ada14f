import type { Process } from '../../support/deployment.ts'
import { channel } from './server.ts'

/** What was published: `line` as raw text. */
export interface Published {
  readonly type: 'said' | 'line'
  readonly number: number
  readonly text: string
}

const half = 'ö'.repeat(25_000)

/** Where the first event of {@link aroundBreak} breaks. */
export const breakingPoint = 'here'

/** Of all kinds. */
export const allKinds: readonly Published[] = [
  { type: 'said', number: 1, text: 'one line' },
  { type: 'said', number: 2, text: 'many lines\nsecond\r\n\nid: data: event:\n' },
  { type: 'said', number: 3, text: 'Grüße, 東京, 🚃,\u00a0\u2028 and e\u0301' },
  { type: 'said', number: 4, text: `<b onclick="alert('no')">&amp;</b>` },
  { type: 'said', number: 5, text: half + half },
  { type: 'line', number: 6, text: '6\nraw "text"\n\n\\n <script>' },
]

/** One whose frame breaks in the middle, and one after that. */
export const aroundBreak: readonly Published[] = [said(7, half + breakingPoint + half), said(8)]

/** Two while the server is away, and one after that. */
export const aroundRestart: readonly Published[] = [said(9), said(10), said(11)]

/** One while the server answers 503, and one after that. */
export const aroundBusy: readonly Published[] = [said(12), said(13)]

function said(number: number, text = `number ${number}`): Published {
  return { type: 'said', number, text }
}

/** One after the other. */
export async function publish(publisher: Process, events: readonly Published[]): Promise<void> {
  for (const { type, number, text } of events)
    await publisher.publishToChannel({ channel, type, ...(type === 'line' ? { raw: text } : { detail: { number, text } }) })
}
