import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { type Block, blocksOf, root } from '../docs/blocks.ts'

const folder = 'docs/frameworks'

/** The pages about frameworks. */
export async function pages(): Promise<readonly string[]> {
  return (await readdir(join(root, folder))).map((name) => name.replace(/\.md$/, ''))
}

/** A block, and the page it is of. */
export interface PageBlock extends Block {
  readonly page: string
}

/** The blocks of one kind, in one page or in all of them. */
export async function blocks(kind: string, page?: string): Promise<readonly PageBlock[]> {
  const wanted = page === undefined ? await pages() : [page]
  const found = await Promise.all(
    wanted.map(async (name) => (await blocksOf(`${folder}/${name}.md`)).map((block) => ({ ...block, page: name }))),
  )
  return found.flat().filter((block) => block.kind === kind)
}
