/** What reading needs beside the view. */
export const reading = (s: string): string => `
-- The next positions for some audiences, from the index alone. Stable: it sees the log as of the statement that calls it.
-- Without bitmap scans, because the planner knows the average audience and not the one that is asked for: for one that holds a fifth
-- of the log it would collect and sort all of it instead of walking along the index to the limit.
create or replace function ${s}.next_positions(audiences text, after bigint, row_limit integer) returns setof bigint
language plpgsql stable rows 500 security definer set search_path = pg_catalog, pg_temp set enable_bitmapscan = off as $function$
begin
  return query
    select i.position
    from json_array_elements_text(audiences::json) k
    cross join lateral (select l.position from ${s}.log l where l.audience = k and l.position > after order by l.position limit row_limit) i
    order by i.position limit row_limit;
end
$function$;
`
