import type { Page } from '../page.ts'
import { connectionsPage } from './connections.ts'
import { eventPage } from './event.ts'
import { eventsPage } from './events.ts'
import { healthPage } from './health.ts'
import { livePage } from './live.ts'
import { publishPage } from './publish.ts'
import { replayPage } from './replay.ts'

/** All pages, in the order of the navigation. To add one: write `pages/<name>.ts`, and name it here. The first one is the start. */
export const pages: readonly [Page, ...Page[]] = [
  eventsPage,
  livePage,
  connectionsPage,
  healthPage,
  publishPage,
  eventPage,
  replayPage,
]
