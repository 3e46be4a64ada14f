// `pnpm api`: writes docs/api.md from the comments in the code. With --check it only looks whether the page is current.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { chapters } from './api/chapters.ts'
import { render } from './api/render.ts'

const path = join(import.meta.dirname, '../docs/api.md')
const page = render(chapters)

if (!process.argv.includes('--check')) {
  await writeFile(path, page)
} else if ((await readFile(path, 'utf8').catch(() => '')) !== page) {
  console.error('docs/api.md is not what the comments in the code say. Run `pnpm api`, and commit the page.')
  process.exitCode = 1
}
