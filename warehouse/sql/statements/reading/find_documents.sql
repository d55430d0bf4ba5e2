-- In:  $key, a document's key or the beginning of one.
-- Out: up to six keys that begin with it, the very key first.
select document_key
from store.document
where starts_with(document_key, $key)
order by
  document_key = $key desc,
  document_key
limit 6;
