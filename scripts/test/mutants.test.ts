import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

import { mutants } from '../mutations/mutants.ts'

test.each(mutants)('$file still has the place for: $fault', ({ file, from }) => {
  expect(readFileSync(`packages/core/src/${file}`, 'utf8').split(from)).toHaveLength(2)
})
