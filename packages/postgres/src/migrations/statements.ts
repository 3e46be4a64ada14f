import { quoteName, quoteText } from '../quote.ts'
import { latestVersion, migrations } from './index.ts'
import { migrationLock } from './migration.ts'

/** The functions that a runtime role calls. write(), take(), fate() and their like are inner parts; new_epoch() is for an operator. */
export const runtimeFunctions: readonly string[] = [
  'is_event',
  'next_positions',
  'append',
  'settle',
  'relay',
  'prune',
  'publish',
  'track',
  'position_at',
]

/** The SQLSTATE with which {@link statements} stop when someone else was faster. */
export const alreadyCurrent = 'TL001'

/** The statements from a version to the newest one; no transaction around them. `stopWhenCurrent`: fail rather than do it again. */
export function statements(schema: string, from: number, stopWhenCurrent = false): string {
  const s = quoteName(schema)
  const steps = migrations
    .filter(({ version }) => version > from)
    .map(
      ({ version, name, sql }) => `
-- Migration ${name}
${sql(s)}
update ${s}.meta set version = greatest(version, ${version});
`,
    )
  return [beginning(schema), stopWhenCurrent ? stop(schema) : '', ...steps, ending(s)].join('')
}

/** What a runtime role needs, and no more: nothing on the log itself, so that only the functions write it. */
export function grants(schema: string, role: string): string {
  const s = quoteName(schema)
  const r = quoteName(role)
  return `
-- What the application's role needs.
grant usage on schema ${s} to ${r};
grant select on ${s}.meta, ${s}.events, ${s}.activities to ${r};
grant insert on ${s}.outbox to ${r};
${runtimeFunctions.map((name) => `grant execute on function ${s}.${name} to ${r};`).join('\n')}
`
}

function beginning(schema: string): string {
  return `
-- Nothing here depends on who runs it, and waiting long for a table would make everyone wait behind us.
do $do$
begin
  perform set_config('client_min_messages', 'warning', true), set_config('search_path', 'pg_catalog, pg_temp', true),
    set_config('statement_timeout', '0', true), set_config('lock_timeout', '2s', true);
  -- One migration at a time.
  perform pg_advisory_xact_lock(${migrationLock});
  -- CREATE SCHEMA IF NOT EXISTS asks for the right to create even where there is nothing to do.
  if not exists (select from pg_namespace where nspname = ${quoteText(schema)}) then
    create schema ${quoteName(schema)};
  end if;
end
$do$;
`
}

/** After the lock: whoever waited for it finds the work done. */
function stop(schema: string): string {
  return `
do $do$
declare
  found_version integer;
begin
  if exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = ${quoteText(schema)} and c.relname = 'meta') then
    execute ${quoteText(`select version from ${quoteName(schema)}.meta`)} into found_version;
    if found_version >= ${latestVersion} then
      raise exception 'the schema is current' using errcode = '${alreadyCurrent}';
    end if;
  end if;
end
$do$;
`
}

function ending(s: string): string {
  return `
-- Functions may be called by everyone unless that is taken back.
revoke all on all functions in schema ${s} from public;
`
}
