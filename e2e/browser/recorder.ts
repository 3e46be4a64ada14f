import type { Client, ClientOptions } from '@trunkline/client'
import type { BrowserContext, Page } from 'playwright-core'

/** A DOM event: its name, and its detail as JSON. */
export type Recorded = readonly [name: string, detail: string]

declare global {
  interface Window {
    recorded: Recorded[]
  }
  /** What the script leaves in a page. */
  var Trunkline: { readonly client: Client | null; connect(options?: ClientOptions): Client }
}

/** Has every page of a context note DOM events of these names, from before its first script runs. A reload begins anew. */
export async function record(context: BrowserContext, names: readonly string[]): Promise<void> {
  await context.addInitScript((wanted) => {
    window.recorded = []
    for (const name of wanted) {
      window.addEventListener(name, (event) => window.recorded.push([name, JSON.stringify((event as CustomEvent).detail)]))
    }
  }, names)
}

/** Has pages go on with the notes of the page before, in the same tab: after a reload, or a way there and back. */
export async function recordOverReloads(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.recorded = JSON.parse(sessionStorage.getItem('recorded') ?? '[]') as Recorded[]
    addEventListener('pagehide', () => sessionStorage.setItem('recorded', JSON.stringify(window.recorded)))
  })
}

/** The events that a page has had so far; of one name if it is given. */
export async function recorded(page: Page, name?: string): Promise<readonly Recorded[]> {
  const all = await page.evaluate(() => window.recorded)
  return name === undefined ? all : all.filter((event) => event[0] === name)
}

/** The details of a page's events of one name. */
export async function detailsOf(page: Page, name: string): Promise<readonly unknown[]> {
  return (await recorded(page, name)).map(([, detail]) => JSON.parse(detail) as unknown)
}

/** Resolves when a page has had so many events of this name. */
export async function untilRecorded(page: Page, name: string, count = 1): Promise<void> {
  await page.waitForFunction(
    ([wanted, least]) => window.recorded.filter((event) => event[0] === wanted).length >= least,
    [name, count] as const,
    { polling: 20 },
  )
}

/** Resolves when the page's client has (re)connected so many times. */
export function untilConnected(page: Page, count = 1): Promise<void> {
  return untilRecorded(page, 'trunkline:connected', count)
}
