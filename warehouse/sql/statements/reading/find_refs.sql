-- In:  $key, a version's ref or the beginning of one.
-- Out: up to six refs that begin with it and their documents, the very ref first.
select
  ref,
  document_key
from store.ref
where starts_with(ref, $key)
group by
  ref,
  document_key
order by
  ref = $key desc,
  ref
limit 6;
