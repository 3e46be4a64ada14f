import type { Migration } from './migration.ts'

/**
 * Migration 2 makes searches fast. Its indexes take about two seconds for each million events, and publishers wait for them meanwhile:
 * on a large log run it when little is published.
 */
export const searchMigration: Migration = {
  version: 2,
  name: '0002-search',
  sql: (s) => `
-- Each is walked from its newest end, so that a page costs what it shows and not what lies around it. What all of them cost: about a sixth
-- more processor time for an append, measured with pnpm search-speed. So there is none for what is mostly the greater part of a log
-- (the scope user) and is found by walking through it.
create index if not exists log_by_type on ${s}.log (type, position);
create index if not exists log_by_entity on ${s}.log (entity_id, position) where entity_id is not null;
create index if not exists log_by_channel_scope on ${s}.log (position) where scope = 'channel';
-- System events that name a user: few among those that do not. What was sent to a user is found by audience.
create index if not exists log_by_system_user on ${s}.log (user_id, position) where audience = 's' and user_id is not null;

-- The place before the first event that was created at a moment or later. Time follows position, so it is looked for by halves, which
-- needs no index on the time. As far as clocks go: see its caller.
create or replace function ${s}.position_at(moment timestamptz) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $function$
declare
  low bigint;
  high bigint;
  middle bigint;
  next record;
begin
  select m.floor into strict low from ${s}.meta m;
  select l.position into high from ${s}.log l where l.position > low order by l.position desc limit 1;
  while low < high loop
    middle := low + (high - low) / 2;
    select l.position, l.created_at into strict next from ${s}.log l where l.position > middle order by l.position limit 1;
    if next.created_at < moment then
      low := next.position;
    else
      high := middle;
    end if;
  end loop;
  return low;
end
$function$;
`,
}
