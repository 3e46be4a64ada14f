import type { Page } from '../page.ts'
import { eventsPage } from './events.ts'

/** All pages, in the order of the navigation. To add one: write `pages/<name>.ts`, and name it here. The first one is the start. */
export const pages: readonly [Page, ...Page[]] = [eventsPage]
