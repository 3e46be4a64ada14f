import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

import { mutants } from './mutants.ts'

/** The tests of core, with one of the deliberate faults put into the source as it is loaded: no file is touched. */
const mutant = mutants[Number(process.env['MUTANT'])]
const core = fileURLToPath(new URL('../../packages/core/src/', import.meta.url))
const conditions = ['@trunkline/source']

export default defineConfig({
  root: fileURLToPath(new URL('../../', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform(code, id) {
        if (mutant === undefined || id !== core + mutant.file) return undefined
        if (code.split(mutant.from).length !== 2)
          throw new Error(`${mutant.file} has not exactly one place that reads: ${mutant.from}`)
        return code.replace(mutant.from, () => mutant.to)
      },
    },
  ],
  // Otherwise the source is taken as it was transformed for another fault.
  test: {
    fsModuleCache: false,
    include: ['packages/core/test/**/*.test.ts'],
    bail: 1,
    testTimeout: 10_000,
    reporters: ['dot'],
  },
})
