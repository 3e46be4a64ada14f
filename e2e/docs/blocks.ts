import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const root: string = join(import.meta.dirname, '../..')

/** A block of code that a comment stands before: `<!-- file: path -->`, `<!-- run: … -->`. */
export interface Block {
  /** What the comment says before the colon. */
  readonly kind: string
  /** And what it says after it. */
  readonly name: string
  readonly code: string
}

/** The marked blocks of one page, by its path in the repository. */
export async function blocksOf(page: string): Promise<readonly Block[]> {
  const text = await readFile(join(root, page), 'utf8')
  return [...text.matchAll(/^<!-- (\w+): (.+) -->\n\n```\w+\n([^]*?)^```$/gm)].map(([, kind = '', name = '', code = '']) => ({
    kind,
    name,
    code,
  }))
}
