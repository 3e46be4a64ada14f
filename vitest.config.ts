import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const conditions = ['@trunkline/source']
const folders = ['packages/*/test', 'e2e', 'examples/*/test', 'scripts/test', 'bench/test']
const alone = '**/*.alone.test.ts'

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: 'scripts/vitest-global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most files wait for a database or a socket, and all of them share one PostgreSQL with 200 connections.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          exclude: [alone, '**/node_modules/**'],
          typecheck: {
            enabled: true,
            tsconfig: 'tsconfig.types.json',
            include: folders.map((folder) => `${folder}/**/*.test-d.ts`),
          },
        },
      },
      {
        // What measures time or takes the whole machine runs after everything else, one file at a time.
        extends: true,
        test: { name: 'alone', include: [alone], fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
