import { createClient } from '../src/client.ts'
import type { Client } from '../src/types.ts'
import { ModelBrowser, type ModelTab } from './model-browser.ts'
import { ModelServer } from './model-server.ts'
import { cursor } from './support.ts'

/** What can happen. Tabs are named by a number; which one it is depends on how many there are. */
export type Step =
  | { readonly do: 'open'; readonly channels: readonly string[]; readonly behind: number | null }
  | { readonly do: 'close' | 'crash' | 'freeze' | 'thaw' | 'leave' | 'return'; readonly tab: number }
  | { readonly do: 'publish'; readonly channels: readonly string[] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cut' | 'serverDown' | 'serverUp' }

/** A page with a client. */
export interface Tab {
  readonly page: ModelTab
  readonly client: Client
  readonly channels: readonly string[]
  readonly seen: number[]
  readonly resets: string[]
  /** The place from which it has to see everything; null until it has one. */
  from: number | null
}

/** A model browser whose tabs are connected to a model server. All of its chance comes from the seed. */
export class World {
  readonly browser: ModelBrowser
  readonly server: ModelServer
  readonly tabs: Tab[] = []
  readonly #random: () => number

  constructor(seed: number) {
    let state = seed
    this.#random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
    this.browser = new ModelBrowser(this.#random)
    this.server = new ModelServer(this.browser, this.#random)
  }

  /** `behind`: how many events the place of the page is behind; null for a page that has none. */
  open(channels: readonly string[], behind: number | null, page: ModelTab = this.browser.openTab()): Tab {
    page.onCrash = () => this.server.drop(page)
    const from = behind === null ? null : Math.max(0, this.server.log.length - behind)
    const client = createClient(
      { endpoint: 'http://localhost/sse', channels, target: null, ...(from !== null && { cursor: cursor(from) }) },
      { ...page.seams, storage: () => undefined, fetch: (url, init) => this.server.fetch(page, url, init) },
    )
    const opened: Tab = { page, client, channels, seen: [], resets: [], from }
    client.onState((state) => {
      if (state.status === 'open') opened.from ??= parseInt(state.cursor.split('.')[1] ?? '', 36)
    })
    client.on('count', (detail) => opened.seen.push((detail as { position: number }).position))
    client.onReset(({ reason }) => opened.resets.push(reason))
    this.tabs.push(opened)
    return opened
  }

  async take(next: Step): Promise<void> {
    if (next.do === 'open') this.open(next.channels, next.behind)
    else if (next.do === 'publish') for (const to of next.channels) this.server.publish(to)
    else if (next.do === 'wait') await this.browser.advance(next.ms)
    else if (next.do === 'cut') this.server.cut()
    else if ('tab' in next) this.#happen(next.do, this.tabs[next.tab % this.tabs.length])
    else {
      this.server.isUp = next.do === 'serverUp'
      if (!this.server.isUp) this.server.cut()
    }
  }

  #happen(what: string, to: Tab | undefined): void {
    if (to === undefined) return
    if (what === 'freeze') to.page.freeze()
    else if (what === 'thaw') to.page.thaw()
    else if (what === 'leave') to.page.soon(() => to.page.hide())
    else if (what === 'return') to.page.soon(() => to.page.show())
    else {
      if (what === 'close') to.page.soon(() => to.page.hide())
      to.page.crash()
      this.tabs.splice(this.tabs.indexOf(to), 1)
    }
  }

  /** Until everything that was going on has come to rest. */
  async settle(): Promise<void> {
    this.server.isUp = true
    for (const { page } of this.tabs) page.thaw()
    for (const { page } of this.tabs) page.soon(() => page.show())
    await this.browser.advance(100_000)
    for (const to of ['', 'a', 'b', 'c']) this.server.publish(to)
    await this.browser.advance(10_000)
  }

  /** What a tab has to have seen. */
  missedBy({ channels, from }: Tab): readonly number[] {
    return this.server.log.flatMap((to, index) =>
      index >= (from ?? 0) && (to === '' || channels.includes(to)) ? [index + 1] : [],
    )
  }
}
