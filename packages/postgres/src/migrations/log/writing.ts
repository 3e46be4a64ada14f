import { logLock } from '../migration.ts'

/** NOTIFY refuses 8,000 bytes. */
const maxPayloadBytes = 7999

/** The functions that write the log. */
export const writing = (s: string, sequence: string): string => `
-- Everything that writes the log begins here. The lock is held to the end of the transaction, which is why each of these is called as
-- a statement of its own: its transaction ends with it.
create or replace function ${s}.lock_log() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
begin
  -- At the other levels the snapshot is older than the lock, and what the last holder wrote would not be seen.
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'trunkline: the log is written at READ COMMITTED, this session runs at %', upper(current_setting('transaction_isolation'))
      using errcode = 'feature_not_supported', hint = 'ALTER ROLE … SET default_transaction_isolation = ''read committed''.';
  end if;
  -- A crash would take back positions that listeners have seen.
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'local', true);
  end if;
  perform pg_advisory_xact_lock(${logLock});
end
$function$;

-- Writes events in order and tells everyone. The lock is held by the caller, so what is read here stays true to the commit.
-- Answers the epoch, the head "after" which it wrote, the moment "at" which these events were created, and {"first","count"}, or "places" one
-- by one: a position, or [position, id] of the event that had the key before.
create or replace function ${s}.write(events ${s}.outbox[], inline boolean) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
declare
  now_log record;
  batch record;
  -- Under the lock, so that order and time agree and deleting by age deletes a prefix. Milliseconds, as in the answer to a client.
  moment timestamptz := date_trunc('milliseconds', clock_timestamp());
  at text := to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  chosen bigint[];
  places bigint[];
  listed text;
  payload text;
  answer text;
begin
  select m.epoch, m.channel, coalesce((select l.position from ${s}.log l where l.position > m.floor order by l.position desc limit 1), m.floor) as head,
      (select case when q.is_called then q.last_value else q.last_value - 1 end from ${s}.log_position q) as issued
    into strict now_log from ${s}.meta m;

  -- Restored data and logical replication leave a sequence behind its table. The positions it would issue next have been seen, so this is
  -- another log from here on.
  if now_log.issued < now_log.head then
    perform setval(${sequence}, now_log.head);
    now_log.epoch := ${s}.new_epoch();
  end if;

  -- fits: what it takes at the least, so that what cannot fit is not put together in vain.
  select count(e.key) as keys, inline and sum(octet_length(e.body) + octet_length(e.id) + octet_length(e.type) + 85) < ${maxPayloadBytes} as fits
    into strict batch from unnest(events) e;

  -- All writers hold the lock, so looking is enough: no ON CONFLICT, which fails at REPEATABLE READ, and no error to catch.
  if batch.keys > 0 then
    chosen := array(
      select f.ordinality
      from (select e.key, e.ordinality, row_number() over (partition by e.key order by e.ordinality) as nth from unnest(events) with ordinality e) f
      where f.key is null or (f.nth = 1 and not exists (select from ${s}.log l where l.key = f.key))
      order by f.ordinality
    );
  end if;

  -- Row by row, in the order of the batch: nothing in this statement sorts or runs in parallel, and an ORDER BY at each step would cost a
  -- lone event a tenth of its time.
  with written as (
    insert into ${s}.log (id, type, scope, audience, user_id, channel, entity_id, body, raw, skip, created_at, private, key)
    select e.id, e.type, e.scope,
      case e.scope when 'user' then 'u:' || e.user_id when 'channel' then 'c:' || e.channel when 'global' then 'g' when 'system' then 's' end,
      e.user_id, e.channel, e.entity_id, e.body, coalesce(e.raw, false), e.skip, moment, e.private, e.key
    from unnest(events) with ordinality e
    where chosen is null or e.ordinality = any (chosen)
    returning position, id, type, scope, user_id, channel, entity_id, body, raw, skip
  )
  -- Listed from what was written: read back from the log it would follow a plan that was made while the log was short, and read all of it.
  select coalesce(array_agg(w.position), '{}'), string_agg(case when batch.fits then
      json_build_array(w.position, w.id, w.type, w.scope, w.user_id, w.channel, w.entity_id, w.body, w.raw, coalesce(w.skip, '[]')::json, at)::text
    end, ',')
    into places, listed from written w;

  -- Listeners find the rows without it. A full queue would fail every commit that notifies, in every database of the server.
  if cardinality(places) > 0 and pg_notification_queue_usage() <= 0.8 then
    payload := '{"v":1,"log":{"epoch":' || to_json(now_log.epoch)::text || ',"after":' || now_log.head || ',"last":' || places[cardinality(places)];
    listed := payload || ',"events":[' || listed || ']';
    perform pg_notify(now_log.channel, case when octet_length(listed) <= ${maxPayloadBytes - 2} then listed else payload end || '}}');
  end if;

  answer := '{"epoch":' || to_json(now_log.epoch)::text || ',"after":' || now_log.head || ',"at":"' || at || '"';
  if chosen is null and places[cardinality(places)] - places[1] = cardinality(places) - 1 then
    return answer || ',"first":' || places[1] || ',"count":' || cardinality(places) || '}';
  end if;
  return answer || ',"places":' || coalesce((
    select json_agg(
      case when chosen is null then to_json(places[e.ordinality])
        when e.ordinality = any (chosen) then to_json(places[array_position(chosen, e.ordinality)])
        else (select json_build_array(l.position, l.id) from ${s}.log l where l.key = e.key) end
      order by e.ordinality)
    from unnest(events) with ordinality e
  )::text, '[]') || '}';
end
$function$;

-- A batch of one process. Its number makes a repeat safe: the same one gets the same answer, an older one is a straggler and refused.
create or replace function ${s}.append(publisher_id text, call bigint, events text, inline boolean) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $function$
declare
  last record;
  reply text;
begin
  if pg_current_xact_id_if_assigned() is not null then
    raise exception 'trunkline: append() takes a lock that every publisher needs, and would hold it to the end of this transaction'
      using errcode = 'active_sql_transaction', hint = 'Inside a transaction call publish().';
  end if;
  perform ${s}.lock_log();
  select p.seq, p.answer into last from ${s}.publisher p where p.id = publisher_id;
  if found then
    if last.seq = call then
      return last.answer;
    elsif last.seq > call then
      raise exception 'trunkline: append % of this publisher came after its append %', call, last.seq using errcode = 'object_not_in_prerequisite_state';
    end if;
  else
    -- Once in the life of a process is often enough to forget the processes of yesterday.
    delete from ${s}.publisher p where p.at < clock_timestamp() - interval '1 day';
  end if;
  reply := ${s}.write(array(select e from json_populate_recordset(null::${s}.outbox, events::json) e), inline);
  insert into ${s}.publisher as p (id, seq, answer, at) values (publisher_id, call, reply, clock_timestamp())
    on conflict (id) do update set seq = excluded.seq, answer = excluded.answer, at = excluded.at;
  return reply;
end
$function$;
`
