import { logMigration } from './log/index.ts'
import type { Migration } from './migration.ts'
import { searchMigration } from './searching.ts'

/** Every migration, in order. */
export const migrations: readonly Migration[] = [logMigration, searchMigration]

/** The version this release works with. */
export const latestVersion: number = migrations.at(-1)?.version ?? 0
