import { keepFresh } from './refresh.ts'

// What makes the pages come alive. Without it they work, and stand still.
for (const element of document.querySelectorAll<HTMLElement>('[data-refresh]')) keepFresh(element)
