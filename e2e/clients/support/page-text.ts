import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const path = join(root, 'docs/clients.md')
const tableMarks = ['<!-- table: e2e/clients/clients.test.ts -->\n', '<!-- end of table -->'] as const

/** Whether the page is to be written instead of compared: `TRUNKLINE_WRITE=1`. */
export const isWriting: boolean = process.env['TRUNKLINE_WRITE'] === '1'

export function readPage(): Promise<string> {
  return readFile(path, 'utf8')
}

export function writePage(page: string): Promise<void> {
  return writeFile(path, page)
}

/** What stands between the marks of the table. */
export function tableIn(page: string): string {
  const [start, end] = tableMarks.map((mark) => page.indexOf(mark)) as [number, number] // one for each mark
  if (start === -1 || end < start) throw new Error(`docs/clients.md needs ${tableMarks.join(' and ')}.`)
  return page.slice(start + tableMarks[0].length, end)
}

/** The page with another table. */
export function withTable(page: string, table: string): string {
  return page.replace(tableMarks[0] + tableIn(page), () => tableMarks[0] + table)
}

/** The page with its files as they are now, and which it shows. */
export async function withFiles(page: string): Promise<{ readonly page: string; readonly files: readonly string[] }> {
  const shown = /(<!-- file: (\S+) -->\n\n```\w+\n)[^]*?(?=^```$)/gm
  const files = [...page.matchAll(shown)].map(([, , file = '']) => file)
  const contents = new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const)),
  )
  return { files, page: page.replace(shown, (_, head: string, file: string) => head + contents.get(file)) }
}
