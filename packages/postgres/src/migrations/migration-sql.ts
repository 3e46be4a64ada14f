import { checkName } from '../quote.ts'
import { grants, statements } from './statements.ts'

/** What {@link migrationSql} prints. */
export interface MigrationSqlOptions {
  /** Defaults to `'trunkline'`. */
  readonly schema?: string
  /** The version the schema has: only later steps are printed. Defaults to 0, everything. */
  readonly from?: number
  /** Also prints the GRANTs that the application's role needs. */
  readonly runtimeRole?: string
}

/**
 * The migrations as SQL, for those who do not let an application change its schema. One transaction; may be run again without harm.
 *
 * @example
 * ```ts
 * await writeFile('trunkline.sql', migrationSql({ runtimeRole: 'app' })) // psql -f trunkline.sql
 * ```
 */
export function migrationSql(options: MigrationSqlOptions = {}): string {
  const { schema = 'trunkline', from = 0, runtimeRole } = options
  checkName(schema, 'schema')
  if (runtimeRole !== undefined) checkName(runtimeRole, 'runtimeRole')
  return `begin;
${statements(schema, from)}${runtimeRole === undefined ? '' : grants(schema, runtimeRole)}
commit;
`
}
