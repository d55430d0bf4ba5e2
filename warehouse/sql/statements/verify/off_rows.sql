-- In:  the variables `ours` and `theirs`, names of a table in two archives; `newest`, the last append that both have.
-- Out: the first rows that differ, as JSON: rows are only ever added, so those of both stand in one order.
select
  to_json(one)::varchar as found,
  to_json(other)::varchar as expected
from (
  select *
  from query_table(getvariable('theirs'))
) as one
positional join (
  select *
  from query_table(getvariable('ours'))
  where append_number <= getvariable('newest')
) as other
where one is distinct from other
order by
  expected,
  found
limit 1000;
