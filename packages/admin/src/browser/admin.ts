import { copyOnClick } from './copy.ts'
import { showLive } from './live.ts'
import { keepFresh } from './refresh.ts'
import { tickAll } from './tick-all.ts'

/** What makes the pages come alive. Without it they work, and stand still. */
function enliven(root: ParentNode): void {
  const all = (selector: string): readonly HTMLElement[] => [...root.querySelectorAll<HTMLElement>(selector)]
  for (const element of all('[data-script]')) element.hidden = false
  for (const element of all('[data-copy]')) copyOnClick(element)
  for (const element of all('[data-tick-all]')) tickAll(element as HTMLInputElement)
  for (const element of all('#live')) showLive(element)
}

enliven(document)
for (const element of document.querySelectorAll<HTMLElement>('[data-refresh]')) keepFresh(element, enliven)
