-- In:  $run_key.
-- Out: what the run's readings made of rejections, one row for each source, reason and outcome.
select
  rejection.source_key,
  rejection.reason,
  answer.outcome,
  count(*) as rejection_count
from store.answer as answer
inner join store.append as append using (append_number)
inner join store.rejection as rejection using (rejection_key)
where append.run_key = $run_key
group by
  rejection.source_key,
  rejection.reason,
  answer.outcome
order by
  rejection.source_key,
  rejection.reason,
  answer.outcome;
