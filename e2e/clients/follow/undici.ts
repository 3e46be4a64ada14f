import { EventSource } from 'undici'
import type { Follow } from './follow.ts'

export const follow: Follow = (url, names, take) => {
  const source = new EventSource(url)
  for (const name of names) source.addEventListener(name, (event) => take(name, (event as MessageEvent<string>).data))
  return { close: () => source.close(), isOver: () => source.readyState === EventSource.CLOSED }
}
