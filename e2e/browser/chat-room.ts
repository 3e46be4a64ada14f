import type { BrowserContext, Page } from 'playwright-core'

import { eventually } from '../support/eventually.ts'

/** Opens the chat room and picks a name, as a person does. */
export async function join(context: BrowserContext, url: string, name: string): Promise<Page> {
  const page = await visit(context, url)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Join' }).click()
  await page.getByLabel('Message as').waitFor()
  await untilStatus(page, 'Connected')
  return page
}

/** Opens the chat room once more: a name, if there is one, is in the browser's cookies. */
export async function visit(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await untilStatus(page, 'Connected')
  return page
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message as').fill(text)
  await page.keyboard.press('Enter')
}

/** What a page shows as said: who, what and through which process. */
export function saidIn(page: Page): Promise<readonly (readonly (string | null | undefined)[])[]> {
  return page.evaluate(() =>
    Array.from(document.querySelectorAll('#message-list .message'), (item) =>
      ['.name', '.text', '.via .chip'].map((part) => item.querySelector(part)?.textContent),
    ),
  )
}

/** The texts alone. */
export async function textsIn(page: Page): Promise<readonly unknown[]> {
  return (await saidIn(page)).map(([, text]) => text)
}

export async function untilSaid(page: Page, text: string): Promise<void> {
  await page.getByText(text, { exact: true }).waitFor()
}

/** Resolves when the page says in words that its connection does so. */
export async function untilStatus(page: Page, words: string): Promise<void> {
  await eventually(`the status ${words}`, async () => (await page.getByRole('status').textContent()) === words, 20_000)
}
