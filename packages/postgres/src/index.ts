export { migrationSql, type MigrationSqlOptions } from './migrations/migration-sql.ts'
export { postgres } from './postgres.ts'
export type {
  CompiledQueryLike,
  Inspection,
  KyselyTransactionLike,
  LogInspection,
  PostgresBackend,
  PostgresJsLike,
  PostgresJsTransactionLike,
  PostgresOptions,
  PostgresTransaction,
  QueryFunction,
} from './types.ts'
