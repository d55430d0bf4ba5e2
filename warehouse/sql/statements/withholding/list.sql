-- Out: the withholdings, newest first: what was taken out, when, by whom and why.
select
  any_value(asked) as withheld,
  any_value(recorded_at) as withheld_at,
  any_value(who) as who,
  any_value(why) as why,
  count(*) as file_count,
  sum(case when byte_ranges = 'all' then 0 else len(string_split(byte_ranges, ' ')) end)::bigint as stretch_count,
  count(*) filter (where byte_ranges = 'all') as whole_file_count
from store.withholding
group by withholding_key
order by
  withheld_at desc,
  withheld;
