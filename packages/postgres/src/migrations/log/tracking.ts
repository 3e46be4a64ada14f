/** The function that keeps what has become of events. */
export const tracking = (s: string): string => `
-- Rows of {id, user, rank, at}; user '' for none. In the order of the key, so that two processes that write the same rows wait for each
-- other and do not deadlock.
create or replace function ${s}.track(activities text) returns void
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $function$
  insert into ${s}.activity (position, user_id, rank, at)
  select l.position, r.user, r.rank, min(r.at)
  from json_to_recordset(activities::json) as r (id text, "user" text, rank smallint, at timestamptz)
  -- The newest of a replayed event.
  cross join lateral (select e.position from ${s}.log e where e.id = r.id order by e.position desc limit 1) l
  -- What came already does not come again from below.
  where not exists (
    select from ${s}.log e join ${s}.activity a on a.position = e.position
    where e.id = r.id and a.user_id = r.user and a.rank >= r.rank
  )
  group by 1, 2, 3
  order by 1, 2, 3
  on conflict do nothing
$function$;
`
