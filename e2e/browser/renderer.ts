import type { Browser, Page } from 'playwright-core'

/** The process that runs a page: the one whose clock goes on while the page is busy. */
export async function rendererOf(browser: Browser, page: Page): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const times = async (): Promise<ReadonlyMap<number, number>> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]))
  }
  const before = await times()
  await page.evaluate(() => {
    for (const end = performance.now() + 500; performance.now() < end;);
  })
  const spent = Array.from(await times(), ([id, time]) => ({ id, time: time - (before.get(id) ?? 0) }))
  await session.detach()
  const [busiest] = spent.toSorted((one, other) => other.time - one.time)
  if (busiest === undefined) throw new Error('The browser has no renderer.')
  return busiest.id
}
