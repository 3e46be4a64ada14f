import { chores } from '../migration.ts'

/** The functions that keep the log in order: retention, and what to do after a restore. */
export const keeping = (s: string, literal: string): string => `
-- Deletes the oldest events, a prefix: those created before a time, and those beyond the newest \`keep\`. The floor moves in the same
-- transaction, or a reader between the two would miss events without being told. Rows are deleted in batches rather than partitions
-- dropped: a DROP waits for the longest reader, pg_dump say, and every publisher waits behind it.
create or replace function ${s}.prune(before timestamptz, keep bigint, row_limit bigint) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $function$
declare
  bottom bigint;
  edge bigint;
  last record;
  gone bigint;
begin
  if not pg_try_advisory_xact_lock(${chores}, hashtext(${literal} || '.prune')) then
    return 0;
  end if;
  select m.floor into strict bottom from ${s}.meta m;
  -- By rows, for positions have holes.
  if keep is not null then
    select l.position into edge from ${s}.log l where l.position > bottom order by l.position desc offset keep limit 1;
  end if;
  -- Each scan starts at the floor: below it lies what was deleted and is not vacuumed yet.
  with oldest as materialized (
    select l.position, l.id, coalesce(l.created_at < before, false) or coalesce(l.position <= edge, false) as due
    from ${s}.log l where l.position > bottom order by l.position limit row_limit
  )
  select o.position, right(o.id, 6) as tag into last from oldest o
    where o.position < coalesce((select min(k.position) from oldest k where not k.due), 9223372036854775807)
    order by o.position desc limit 1;
  if not found then
    return 0;
  end if;
  delete from ${s}.log l where l.position > bottom and l.position <= last.position;
  get diagnostics gone = row_count;
  -- A little from below the floor as well: what was tracked of an event while the last prune deleted it.
  delete from ${s}.activity a where a.position > bottom - 10000 and a.position <= last.position;
  update ${s}.meta set floor = last.position, floor_tag = last.tag;
  return gone;
end
$function$;

-- For an operator, after restoring a backup: cursors from before it are then answered with a reset. Also what write() does when it finds
-- the sequence behind the log.
create or replace function ${s}.new_epoch() returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
declare
  fresh text := left(replace(gen_random_uuid()::text, '-', ''), 12);
begin
  update ${s}.meta set epoch = fresh;
  return fresh;
end
$function$;
`
