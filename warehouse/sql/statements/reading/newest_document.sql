-- Out: the key of the newest document that has a text.
select document_key
from documents
where text <> ''
order by
  sort_date desc nulls last,
  document_key asc
limit 1;
