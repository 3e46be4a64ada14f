// `pnpm screenshots`: the pictures of docs/admin.md, each page light and dark.
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'

import { launchBrowser } from '../support/browser.ts'
import { openShop, type Shop } from './shop.ts'

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '../../docs/images'))

interface Picture {
  readonly name: string
  /** Of the address. */
  readonly query: (shop: Shop) => string
  /** What happens before it is taken. */
  readonly prepare?: (page: Page, shop: Shop) => Promise<void>
}

const pictures: readonly Picture[] = [
  { name: 'events', query: () => '?page=events' },
  { name: 'event', query: ({ paid }) => `?page=event&id=${paid}` },
  {
    name: 'live',
    query: () => '?page=live',
    async prepare(page, shop) {
      await page.getByText('Live', { exact: true }).last().waitFor()
      await shop.trade()
      await page.locator('#live-rows tr').nth(8).waitFor()
    },
  },
  { name: 'connections', query: () => '?page=connections' },
  {
    name: 'health',
    query: () => '?page=health',
    async prepare(page, shop) {
      await page.getByText('All is well').waitFor()
      // Charts of a moment say nothing.
      for (let half = 0; half < 10; half++) {
        for (let visit = 0; visit < Math.random() * 6; visit++) await shop.trade()
        await setTimeout(6_000)
      }
      await page.reload()
    },
  },
  {
    name: 'publish',
    query: () => '?page=publish&type=parcel_moved&user=118',
    async prepare(page) {
      await page.getByLabel('Detail, as JSON').fill('{\n  ":id": "P-3391",\n  "state": "lost",\n  "city": "Leipzig"\n}')
      await page.getByRole('button', { name: 'Publish' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  { name: 'replay', query: () => '?page=replay&all=yes&type=parcel_moved' },
]

await mkdir(folder, { recursive: true })
await using shop = await openShop()
await using browser = await launchBrowser()
for (const colorScheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1_100, height: 760 } })
  for (const { name, query, prepare } of pictures) {
    const page = await context.newPage()
    await page.goto(shop.url + query(shop))
    await prepare?.(page, shop)
    await page.screenshot({ path: join(folder, `admin-${name}-${colorScheme}.png`), animations: 'disabled' })
    await page.close()
  }
  await context.close()
}
