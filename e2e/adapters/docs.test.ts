import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

test.each(['e2e/adapters/own-adapter.ts', 'e2e/adapters/own-adapter.test.ts'])(
  'docs/adapters.md shows %s as it is',
  async (path) => {
    const page = await readFile(join(root, 'docs/adapters.md'), 'utf8')
    const content = await readFile(join(root, path), 'utf8')
    expect(page).toContain(`<!-- file: ${path} -->\n\n\`\`\`ts\n${content}\`\`\`\n`)
  },
)
