import type { LiveEvent } from '../live-stream.ts'
import { eventRow, gapRow } from './live-rows.ts'
import { filterChanged, streamUrl } from './live-filter.ts'

/** Rows on the page, and events that wait while it is paused or in the background; the oldest go first. */
const most = 500
const retryMs = 5_000

/** The page that shows what happens. */
export function showLive(root: HTMLElement): void {
  const part = (id: string): HTMLElement => document.getElementById(`live-${id}`) as HTMLElement
  const rows = part('rows')
  const pause = part('pause')
  let waiting: (LiveEvent | string)[] = []
  let shown = 0
  let missed = 0
  let isPaused = false
  let hasFrame = false
  let source: EventSource | undefined
  let wasOpen = false
  let retry: ReturnType<typeof setTimeout> | undefined

  function say(state: string, words: string): void {
    const dot = root.querySelector<HTMLElement>('.dot')
    if (dot !== null) dot.dataset['state'] = isPaused && state === 'open' ? 'paused' : state
    part('state').textContent = isPaused && state === 'open' ? 'Paused' : words
  }

  function count(): void {
    const more = waiting.length + missed
    pause.textContent = isPaused ? `Resume${more === 0 ? '' : ` (${more} new)`}` : 'Pause'
    pause.setAttribute('aria-pressed', String(isPaused))
    part('count').textContent = `${shown} since you came${shown > most ? `, the newest ${most} are here` : ''}`
    part('empty').hidden = rows.childElementCount > 0
  }

  function add(item: LiveEvent | string): void {
    waiting.push(item)
    if (waiting.length > most) {
      waiting.shift()
      missed++
    }
    if (isPaused) count()
    else later()
  }

  /** Once per picture: hundreds may come in between. */
  function later(): void {
    if (hasFrame) return
    hasFrame = true
    requestAnimationFrame(() => {
      hasFrame = false
      if (!isPaused) flush()
    })
  }

  function flush(): void {
    if (missed > 0) waiting.unshift(`${missed} events came meanwhile that this page did not keep.`)
    shown += missed + waiting.filter((item) => typeof item !== 'string').length
    rows.prepend(...waiting.map((item) => (typeof item === 'string' ? gapRow(item) : eventRow(item))).toReversed())
    while (rows.childElementCount > most) rows.lastElementChild?.remove()
    waiting = []
    missed = 0
    count()
  }

  function open(): void {
    clearTimeout(retry)
    source?.close()
    source = new EventSource(streamUrl())
    say('connecting', wasOpen ? 'Reconnecting …' : 'Connecting …')
    source.addEventListener('open', () => {
      if (wasOpen) add('The connection was lost for a moment: what was published meanwhile is not here.')
      wasOpen = true
      say('open', 'Live')
    })
    source.addEventListener('error', () => {
      if (source?.readyState !== EventSource.CLOSED) return say('connecting', 'Reconnecting …')
      // It gives up when the answer is no stream: of a proxy whose server is away, or because the right to it has ended.
      say('stopped', 'Not let in, or the server is away. Trying again …')
      retry = setTimeout(open, retryMs)
    })
    source.addEventListener('event', ({ data }) => add(JSON.parse(data as string) as LiveEvent))
    source.addEventListener('skipped', ({ data }) => add(`${data} events were left out: more happens than gets through.`))
  }

  pause.addEventListener('click', () => {
    isPaused = !isPaused
    say('open', 'Live')
    if (isPaused) count()
    else flush()
  })
  part('clear').addEventListener('click', () => {
    rows.replaceChildren()
    waiting = []
    shown = missed = 0
    count()
  })
  filterChanged(() => {
    part('clear').click()
    wasOpen = false
    open()
  })
  root.hidden = false
  count()
  open()
}
