import type { Sql } from 'postgres'

/** How many events the log has. */
export const eventCount = 2_000_000

/**
 * Events as an application might have them over a day: ten common types and a rare one, 5,000 users of whom one has a tenth of all events,
 * 200 channels and one that is nearly silent, some system events, entities of which each has a few events.
 */
export async function fill(sql: Sql, schema: string): Promise<void> {
  await sql.unsafe(`
    insert into ${schema}.log (id, type, scope, audience, user_id, channel, entity_id, body, raw, created_at)
    select gen_random_uuid(), e.type, e.scope,
      case e.scope when 'user' then 'u:' || e.user_id when 'channel' then 'c:' || e.channel when 'global' then 'g' else 's' end,
      e.user_id, e.channel, e.entity_id,
      json_build_object(':id', e.entity_id, 'title', 'Page number ' || e.n, 'note', repeat(md5(e.n::text), 4), 'needle', case when e.n % 100003 = 0 then 'haystack' end)::text,
      false, date_trunc('milliseconds', now() - interval '1 day' + interval '1 day' * e.n / ${eventCount})
    from (
      select n, scope,
        case when n % 200000 = 1 then 'rare' else 'type-' || (n * 7 % 10) end as type,
        case when scope = 'user' then case when n % 10 = 0 then 'busy' else 'user-' || (n * 7919::bigint % 5000) end
          when scope = 'system' and n % 1000 = 5 then 'user-' || (n / 1000 % 5000) end as user_id,
        case when scope = 'channel' then case when n % 200000 = 12 then 'quiet' else 'room-' || (n * 31 % 200) end end as channel,
        case when n % 2 = 0 then 'page-' || (n * 104729::bigint % 300000) end as entity_id
      from (
        select n, case when n % 10 in (0, 1, 4, 6, 7, 8, 9) then 'user' when n % 10 = 2 then 'channel' when n % 10 = 3 then 'global' else 'system' end as scope
        from generate_series(1, ${eventCount}) n
      ) s
    ) e order by e.n`)
  await sql.unsafe(`vacuum analyze ${schema}.log`)
}
