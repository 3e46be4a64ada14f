import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const root: string = join(import.meta.dirname, '../..')
const folder = 'docs/frameworks'

/** A block of code that a comment stands before: `<!-- file: path -->`, `<!-- run: … -->`. */
export interface Block {
  readonly page: string
  /** What the comment says of the block's name. */
  readonly name: string
  readonly code: string
}

/** The pages about frameworks. */
export async function pages(): Promise<readonly string[]> {
  return (await readdir(join(root, folder))).map((name) => name.replace(/\.md$/, ''))
}

/** The blocks of one kind, in one page or in all of them. */
export async function blocks(kind: string, page?: string): Promise<readonly Block[]> {
  const wanted = page === undefined ? await pages() : [page]
  const found = await Promise.all(
    wanted.map(async (name) => {
      const text = await readFile(join(root, folder, `${name}.md`), 'utf8')
      return [...text.matchAll(/^<!-- (\w+): (.+) -->\n\n```\w+\n([^]*?)^```$/gm)]
        .filter(([, its]) => its === kind)
        .map(([, , path = '', code = '']) => ({ page: name, name: path, code }))
    }),
  )
  return found.flat()
}
