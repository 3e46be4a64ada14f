/** The tables of the log, its indexes and the view through which it is read. */
export const tables = (s: string, sequence: string): string => `
-- Which log this is. One row. The floor is the position before the oldest event that is still stored: kept here, because looking for it
-- walks over everything that was deleted (52 to 80 ms each time, with 500,000 deleted rows and one old snapshot).
create table if not exists ${s}.meta (
  one boolean primary key default true check (one),
  version integer not null,
  epoch text not null,
  floor bigint not null default 0,
  floor_tag text,
  -- Any role may NOTIFY and LISTEN, so the name is what keeps others out. 122 random bits, 42 bytes (LISTEN cuts names at 63).
  channel text not null
);
insert into ${s}.meta (version, epoch, channel)
values (0, left(replace(gen_random_uuid()::text, '-', ''), 12), 'trunkline_' || replace(gen_random_uuid()::text, '-', ''))
on conflict do nothing;

-- The log. Written by write() alone, under one lock, which is what makes positions follow the order of commits.
create table if not exists ${s}.log (
  position bigint primary key,
  id text not null,
  type text not null,
  scope text not null,
  -- Who may read it, as one indexable word: g, s, u:<user id>, c:<channel>.
  audience text not null,
  user_id text,
  channel text,
  entity_id text,
  -- The JSON text (or raw text) as published. Not jsonb, which reorders keys, rewrites 1e2 and refuses \\u0000; not json, whose length
  -- cannot be asked without unpacking it.
  body text not null,
  raw boolean not null,
  -- JSON list of the user ids that a channel event skips.
  skip text,
  created_at timestamptz not null,
  -- JSON text that only the server may see.
  private text,
  key text
);
-- Owned by the column, so that pg_dump -t log takes it along; a cache would hand out positions out of order.
create sequence if not exists ${s}.log_position as bigint cache 1 owned by ${s}.log.position;
alter table ${s}.log alter column position set default nextval(${sequence});
-- What one connection may see, in log order: resumes and channel histories.
create index if not exists log_audience on ${s}.log (audience, position);
-- get(id) and replay(id); with the position, because a replayed event keeps its id and the newest one is wanted.
create index if not exists log_id on ${s}.log (id, position);
-- Idempotency keys, few as they are.
create unique index if not exists log_key on ${s}.log (key) where key is not null;

-- What an event has to be, apart from lengths. In one function because each CHECK is parsed anew by every INSERT: as eleven constraints
-- they cost a transaction 50 µs of processor time, as types and this function 5.
create or replace function ${s}.is_event(
  id text, type text, scope text, user_id text, channel text, entity_id text, body text, raw boolean, skip text, private text, key text
) returns boolean
language plpgsql immutable as $function$
begin
  -- The end of the id becomes part of cursors, which must be safe in a header.
  return id ~ '^[A-Za-z0-9_-]+$' and type <> ''
    and case scope
      when 'user' then user_id <> '' and channel is null
      when 'channel' then user_id is null and channel <> ''
      when 'global' then user_id is null and channel is null
      when 'system' then (user_id is null or user_id <> '') and channel is null
      else false
    end is true
    and (entity_id is null or entity_id <> '') and (key is null or key <> '')
    -- The casts are the check: what is no JSON fails there.
    and case when raw then true else body::json is not null end
    and (skip is null or json_typeof(skip::json) = 'array') and (private is null or private::json is not null);
end
$function$;

-- Events of transactions, on their way into the log. Every check is here, so that errors come at the publish and never at the commit
-- or later. Logged: a committed event survives a crash. No trigger and no foreign key: it is one plain INSERT for its transaction.
create table if not exists ${s}.outbox (
  xid xid8 not null default pg_current_xact_id(),
  n bigint generated always as identity,
  id varchar(128) not null,
  type varchar(255) not null,
  scope varchar(8) not null,
  user_id varchar(255),
  channel varchar(255),
  entity_id varchar(255),
  body text not null,
  raw boolean not null,
  skip text,
  private text,
  key varchar(255),
  constraint outbox_is_event check (${s}.is_event(id, type, scope, user_id, channel, entity_id, body, raw, skip, private, key))
);
-- The publishing process asks for its own transactions: found at once, whatever vacuum has not yet removed.
create index if not exists outbox_xid on ${s}.outbox (xid);

-- The last append of each process, so that one whose answer was lost is repeated without writing twice.
create table if not exists ${s}.publisher (
  id text primary key,
  seq bigint not null,
  answer text not null,
  at timestamptz not null
);

-- What has become of events, with \`tracking\`: one row for each event, user ('' for none) and status, never changed. By position, so that
-- retention deletes a prefix of it as well; a replayed event has rows at each of its positions. The ranks: 1 dispatched, 2 sent,
-- 3 delivered, 4 read, 5 error.
create table if not exists ${s}.activity (
  position bigint not null,
  user_id text not null,
  rank smallint not null,
  at timestamptz not null,
  primary key (position, user_id, rank)
);

create or replace view ${s}.activities as
  select l.id, nullif(a.user_id, '') as user_id, a.rank, a.at from ${s}.activity a join ${s}.log l on l.position = a.position;

create or replace view ${s}.events as
  select position, id, type, scope, audience, user_id, channel, entity_id, body, raw, skip, created_at, private, key from ${s}.log;
`
