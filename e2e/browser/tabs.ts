import type { Client, ClientOptions } from '@trunkline/client'
import type { Browser, BrowserContext, Page } from 'playwright-core'

import { eventually } from '../support/eventually.ts'
import { record, untilConnected } from './recorder.ts'
import { fileOf, type Site } from './site.ts'

declare global {
  /** The client of a page of {@link Tabs}. */
  var client: Client
}

/** A browser in which one person is signed in, and its tabs. */
export class Tabs implements AsyncDisposable {
  readonly all: Page[] = []
  readonly context: BrowserContext
  readonly #site: Site

  private constructor(context: BrowserContext, site: Site) {
    this.context = context
    this.#site = site
  }

  static async open(browser: Browser, site: Site, names: readonly string[]): Promise<Tabs> {
    const context = await browser.newContext()
    await record(context, ['trunkline:connected', 'trunkline:reset', ...names.map((name) => `trunkline:${name}`)])
    return new Tabs(context, site)
  }

  /** Whoever is signed in for pages and requests from now on. */
  async signIn(user: string): Promise<void> {
    await this.context.addCookies([{ name: 'user', value: user, url: this.#site.origin }])
  }

  /** `origin`: of a proxy, say. Defaults to the site's. */
  async add(options: ClientOptions = {}, origin: string = this.#site.origin): Promise<Page> {
    const page = await this.context.newPage()
    this.all.push(page)
    await page.goto(origin + pageOf(options))
    await untilConnected(page)
    return page
  }

  /** Ends a tab's renderer. */
  static async crash(page: Page): Promise<void> {
    const session = await page.context().newCDPSession(page)
    const crashed = page.waitForEvent('crash')
    session.send('Page.crash').catch(() => {})
    await crashed
  }

  /** Resolves once exactly one tab leads. */
  async leader(): Promise<Page> {
    return eventually('one tab leads', async () => {
      const leaders = await Promise.all(this.all.map(async (page) => ((await roleOf(page)) === 'leader' ? [page] : [])))
      const [leader, ...others] = leaders.flat()
      return others.length === 0 && leader
    })
  }

  /** Forgets a tab that is gone. */
  drop(page: Page): void {
    this.all.splice(this.all.indexOf(page), 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close()
  }
}

/** `leader`, `follower` or `alone`; what it does instead when it is not open. */
export function roleOf(page: Page): Promise<string> {
  return page.evaluate(() => (client.state.status === 'open' ? client.state.role : client.state.status))
}

function pageOf(options: ClientOptions): string {
  return fileOf(
    `<!doctype html><script src="/realtime/client.js" data-connect="manual"></script>
    <script>client = Trunkline.connect(${JSON.stringify(options)})</script>`,
  )
}
