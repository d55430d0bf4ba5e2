-- Out: whether all documents of the slice are steady: then their history is planned in a fraction of the time.
select not exists (
  select document_key
  from store.look
  group by document_key
  having store.is_steady(is_absence, content_sha256, captured_at) is not true
) as is_steady;
