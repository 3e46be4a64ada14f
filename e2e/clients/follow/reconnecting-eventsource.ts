import ReconnectingEventSource from 'reconnecting-eventsource'
import type { Follow } from './follow.ts'

export const follow: Follow = (url, names, take) => {
  // @ts-expect-error its types are those of its CommonJS build, where the class is `default`; bundlers take the other one
  const source = new ReconnectingEventSource(url)
  for (const name of names) source.addEventListener(name, ({ data }: MessageEvent<string>) => take(name, data))
  return { close: () => source.close(), isOver: () => source.readyState === source.CLOSED }
}
