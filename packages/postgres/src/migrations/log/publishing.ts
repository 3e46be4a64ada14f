/** publish(), for psql, triggers and other languages. Its checks and messages are those of the server library. */
export const publishing = (s: string): string => `
-- Publishes when the surrounding transaction commits, never if it rolls back. Answers the event's id.
--   select ${s}.publish('task_complete', '{"task_id": 1}', user_id => '42');
--   select ${s}.publish('message', '{"text": "hi"}', channel => 'room-7');
--   select ${s}.publish('turn_off_lights', scope => 'global');
create or replace function ${s}.publish(
  type text,
  detail json default '{}',
  user_id text default null,
  channel text default null,
  scope text default null,
  skip_user_ids text[] default null,
  private_data json default null,
  idempotency_key text default null
) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
declare
  event_id text := gen_random_uuid();
  reach text := coalesce(scope, case when channel is not null then 'channel' when user_id is not null then 'user' end);
  entity json;
  entity_id text;
begin
  if reach is null then
    raise exception 'An event needs a user_id, a channel, or scope => ''global'' or ''system''.' using errcode = 'invalid_parameter_value';
  elsif reach not in ('user', 'channel', 'global', 'system') then
    raise exception 'scope must be user, channel, global or system, got %.', reach using errcode = 'invalid_parameter_value';
  end if;
  perform ${s}.check_name(type, 'Event type', 'type');
  if type in ('connected', 'reset', 'heartbeat', 'goodbye', '*') or starts_with(type, 'trunkline.') then
    raise exception 'Event type "%" is reserved: connected, reset, heartbeat, goodbye, * and the prefix "trunkline." belong to Trunkline. Choose another name.', type
      using errcode = 'reserved_name';
  end if;
  if reach = 'user' or (reach = 'system' and user_id is not null) then
    perform ${s}.check_name(user_id, 'userId', 'user_id');
  elsif user_id is not null then
    raise exception 'An event of scope "%" has no user_id.', reach using errcode = 'invalid_parameter_value';
  end if;
  if reach = 'channel' then
    perform ${s}.check_name(channel, 'Channel name', 'channel');
  elsif channel is not null then
    raise exception 'An event of scope "%" has no channel.', reach using errcode = 'invalid_parameter_value';
  end if;
  if detail is null then
    raise exception 'detail must be JSON, got null. Leave it out, or pass ''{}''.' using errcode = 'invalid_parameter_value';
  end if;
  if octet_length(detail::text) + coalesce(octet_length(private_data::text), 0) > 262144 then
    raise exception 'An event may have 262144 bytes, this "%" has %. Send a reference to the data.', type,
      octet_length(detail::text) + coalesce(octet_length(private_data::text), 0) using errcode = 'program_limit_exceeded';
  end if;
  if json_typeof(detail) = 'object' and strpos(detail::text, '":id"') > 0 then
    begin
      entity := detail -> ':id';
    exception when untranslatable_character then
      -- A \\u0000 somewhere in it, which PostgreSQL keeps and cannot look past. Only filters by entity miss the event.
      entity := null;
    end;
  end if;
  if json_typeof(entity) = 'number' then
    entity_id := trim_scale((entity #>> '{}')::numeric)::text;
  elsif json_typeof(entity) = 'string' and entity #>> '{}' <> '' then
    entity_id := entity #>> '{}';
    perform ${s}.check_name(entity_id, 'Entity id (detail['':id''])', 'detail['':id'']');
  end if;
  insert into ${s}.outbox (id, type, scope, user_id, channel, entity_id, body, raw, skip, private, key)
  values (event_id, publish.type, reach, publish.user_id, publish.channel, entity_id, detail::text, false,
    array_to_json(nullif(skip_user_ids, '{}'))::text, private_data::text, idempotency_key);
  return event_id;
end
$function$;

create or replace function ${s}.check_name(value text, what text, field text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $function$
begin
  if value is null or value = '' then
    raise exception '% must be 1 to 255 bytes of text without control characters, got %. Pass a non-empty string as %.', what,
      case when value is null then 'null' else 'an empty string' end, field using errcode = 'invalid_parameter_value';
  elsif octet_length(value) > 255 then
    raise exception '% must be 1 to 255 bytes of text without control characters, got % bytes. Pass a shorter %.', what, octet_length(value), field
      using errcode = 'invalid_parameter_value';
  elsif value ~ '[\\u0001-\\u001f\\u007f-\\u009f]' then
    raise exception '% must be 1 to 255 bytes of text without control characters, got %.', what, to_json(value)::text
      using errcode = 'invalid_parameter_value';
  end if;
end
$function$;
`
