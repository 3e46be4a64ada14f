import { EventSource } from 'eventsource'
import type { Follow } from './follow.ts'

export const follow: Follow = (url, names, take) => {
  const source = new EventSource(url)
  for (const name of names) source.addEventListener(name, ({ data }: MessageEvent<string>) => take(name, data))
  return { close: () => source.close(), isOver: () => source.readyState === EventSource.CLOSED }
}
