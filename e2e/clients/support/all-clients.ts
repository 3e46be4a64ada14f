import type { Browser } from 'playwright-core'

import manifest from '../../package.json' with { type: 'json' }
import { eventsourceClientAlone } from '../follow/alone.ts'
import { follow as eventsource } from '../follow/eventsource.ts'
import { follow as eventsourceClient } from '../follow/eventsource-client.ts'
import { follow as undici } from '../follow/undici.ts'
import type { InPage } from './client.ts'
import type { Client } from './crowd-of-clients.ts'
import { inCurl } from './curl.ts'
import type { Firefox } from './firefox.ts'
import { inNode } from './node-client.ts'
import { inHtmx, inPage, newChromiumPage, type PageLike } from './pages.ts'
import type { DialectKey } from './spoken.ts'

const all: readonly DialectKey[] = ['trunkline', 'eventstream', 'djangorealtime', 'htmx']

/** A client that cannot run here keeps its lines of the table. */
export type ListedClient = Omit<Client, 'open'> & { readonly open: Client['open'] | null }

/** Those of the table, in its order. */
export function allClients(chromium: Browser, firefox: Firefox | null): readonly ListedClient[] {
  const newPage = (): Promise<PageLike> => newChromiumPage(chromium)
  const inChromium = (client: InPage): Client['open'] => inPage(newPage, client)
  return [
    { name: 'Chromium', slug: 'chromium', dialects: all, open: inChromium('browser') },
    {
      name: 'Firefox',
      slug: 'firefox',
      dialects: all,
      open: firefox === null ? null : inPage(() => firefox.newPage(), 'browser'),
    },
    { name: '@trunkline/client', slug: 'trunkline-client', dialects: ['trunkline'], open: inChromium('trunklineClient') },
    { name: withVersion('eventsource'), slug: 'eventsource', dialects: all, open: inNode(eventsource) },
    { name: withVersion('undici'), slug: 'undici', dialects: all, open: inNode(undici) },
    {
      name: withVersion('reconnecting-eventsource'),
      slug: 'reconnecting-eventsource',
      dialects: all,
      open: inChromium('reconnecting'),
    },
    {
      name: withVersion('@microsoft/fetch-event-source'),
      slug: 'fetch-event-source',
      dialects: all,
      open: inChromium('fetchEventSource'),
    },
    {
      name: 'fetch-event-source alone',
      slug: 'fetch-event-source-alone',
      dialects: all,
      open: inChromium('fetchEventSourceAlone'),
    },
    { name: withVersion('eventsource-client'), slug: 'eventsource-client', dialects: all, open: inNode(eventsourceClient) },
    { name: 'eventsource-client alone', slug: 'eventsource-client-alone', dialects: all, open: inNode(eventsourceClientAlone) },
    { name: 'curl', slug: 'curl', dialects: all, open: inCurl },
    // What it is told it puts into the page: that has to be HTML.
    {
      name: `${withVersion('htmx.org')}, ${withVersion('htmx-ext-sse')}`,
      slug: 'htmx',
      dialects: ['htmx'],
      open: inHtmx(newPage, 'htmx'),
    },
    { name: 'htmx-ext-sse alone', slug: 'htmx-alone', dialects: ['htmx'], open: inHtmx(newPage, 'htmx-alone') },
  ]
}

function withVersion(name: keyof typeof manifest.devDependencies): string {
  return `${name} ${manifest.devDependencies[name]}`
}
