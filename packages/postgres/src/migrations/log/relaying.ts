import { chores } from '../migration.ts'

/** One batch holds the lock for a few milliseconds, and fits a process's memory whatever its events weigh. */
const maxBatchBytes = 4_194_304

/** The functions that move committed events of transactions from the outbox into the log. */
export const relaying = (s: string, literal: string): string => `
-- Takes the next committed rows out of the outbox: of these transactions, or of all. The lock is held by the caller.
create or replace function ${s}.take(xids xid8[], row_limit integer) returns ${s}.outbox[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
declare
  due tid[];
  taken ${s}.outbox[];
begin
  if xids is null then
    select array_agg(d.place) into due from (
      select o.place, sum(o.bytes) over (order by o.n) - o.bytes as bytes_before
      from (select i.ctid as place, i.n, octet_length(i.body) as bytes from ${s}.outbox i order by i.n limit row_limit) o
    ) d where d.bytes_before < ${maxBatchBytes};
  else
    select array_agg(d.place) into due from (
      select o.place, sum(o.bytes) over (order by o.n) - o.bytes as bytes_before
      from (select i.ctid as place, i.n, octet_length(i.body) as bytes from ${s}.outbox i where i.xid = any (xids) order by i.n limit row_limit) o
    ) d where d.bytes_before < ${maxBatchBytes};
  end if;
  with gone as (delete from ${s}.outbox o where o.ctid = any (due) returning o)
  select array_agg(g.o order by (g.o).n) into taken from gone g;
  return taken;
end
$function$;

-- What the publishing process calls about its own transactions. Their status is asked first: a transaction that ends between the two
-- steps is then asked about again; the other order would leave its events behind. Answers which are still open, and which have more.
create or replace function ${s}.settle(xids text, row_limit integer, inline boolean) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $function$
declare
  asked xid8[] := array(select x::xid8 from json_array_elements_text(xids::json) x);
  open xid8[] := array(select x from unnest(asked) x where ${s}.fate(x) = 'in progress');
  over xid8[] := array(select x from unnest(asked) x except select x from unnest(open) x);
  taken ${s}.outbox[];
begin
  if exists (select from ${s}.outbox o where o.xid = any (over)) then
    perform ${s}.lock_log();
    taken := ${s}.take(over, row_limit);
    if taken is not null then
      perform ${s}.write(taken, inline);
    end if;
    over := array(select distinct o.xid from ${s}.outbox o where o.xid = any (over));
  else
    over := '{}';
  end if;
  return json_build_object('open', open::text[], 'more', over::text[]);
end
$function$;

-- pg_xact_status, for a transaction that the server may have forgotten, or (after a failover) never have known: both are over.
create or replace function ${s}.fate(xid xid8) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
begin
  return coalesce(pg_xact_status(xid), 'forgotten');
exception when invalid_parameter_value then
  return 'unknown';
end
$function$;

-- What every listening process calls once a second, for what others left behind: scripts that exit, SQL publishers, crashes.
-- Answers how many events it moved, and whether there are more than one batch takes.
create or replace function ${s}.relay(row_limit integer, inline boolean) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $function$
declare
  taken ${s}.outbox[];
begin
  -- Without the lock: nearly always there is nothing. One at a time: where there is something, one is enough.
  if not exists (select from ${s}.outbox) or not pg_try_advisory_xact_lock(${chores}, hashtext(${literal} || '.relay')) then
    return '{"moved":0,"more":false}';
  end if;
  perform ${s}.lock_log();
  taken := ${s}.take(null, row_limit);
  if taken is not null then
    perform ${s}.write(taken, inline);
  end if;
  return json_build_object(
    'moved', coalesce(cardinality(taken), 0),
    'more', coalesce(cardinality(taken) = row_limit or (select sum(octet_length(e.body)) from unnest(taken) e) >= ${maxBatchBytes}, false)
  );
end
$function$;
`
