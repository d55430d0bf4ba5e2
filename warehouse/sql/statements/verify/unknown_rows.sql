-- In:  the variables `ours` and `theirs`, names of a table in two archives that stands outside the appends.
-- Out: rows of theirs that ours lacks, as JSON.
select to_json(one)::varchar as found
from (
  select *
  from query_table(getvariable('theirs'))
  except
  select *
  from query_table(getvariable('ours'))
) as one
order by all
limit 1000;
