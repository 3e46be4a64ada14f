import type { Browser } from 'playwright-core'

import type { Glimpse, InPage, OpenVisit, Visit } from './client.ts'

/** A page of some browser that can be asked. */
export interface PageLike extends AsyncDisposable {
  goto(url: string): Promise<void>
  reload(): Promise<void>
  /** To where it was before. */
  back(): Promise<void>
  /** The text that an expression gives. */
  evaluate(expression: string): Promise<string>
}

/** A client in a page that loads fixtures/page.ts. */
export function inPage(newPage: () => Promise<PageLike>, client: InPage): OpenVisit {
  return async (origin, streams) => {
    const page = await newPage()
    await page.goto(`${origin}/page`)
    await page.evaluate(`visit.open(${JSON.stringify(client)}, ${JSON.stringify(streams)}), ''`)
    return visitOf(page, 'visit.look()')
  }
}

/** htmx, in the page that docs/clients.md shows. What it was told is what it shows. */
export function inHtmx(newPage: () => Promise<PageLike>, page: 'htmx' | 'htmx-alone'): OpenVisit {
  return async (origin, streams) => {
    const [stream] = streams
    const opened = await newPage()
    await opened.goto(`${origin}/${page}?${new URLSearchParams({ stream: stream?.url ?? '' })}`)
    return visitOf(opened, `JSON.stringify([{ key: ${JSON.stringify(stream?.key)}, ...lookAtHtmx() }])`)
  }
}

/** Pages of Chromium: each has a profile of its own, and so connections of its own. */
export async function newChromiumPage(browser: Browser): Promise<PageLike> {
  const context = await browser.newContext()
  const page = await context.newPage()
  return {
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    back: async () => void (await page.goBack()),
    evaluate: (expression) => page.evaluate<string>(expression),
    [Symbol.asyncDispose]: () => context.close(),
  }
}

function visitOf(page: PageLike, look: string): Visit {
  return {
    look: async () => JSON.parse(await page.evaluate(look)) as readonly Glimpse[],
    [Symbol.asyncDispose]: () => page[Symbol.asyncDispose](),
  }
}
