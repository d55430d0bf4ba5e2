-- Out: whether all documents of the slice are steady, see store.version_in: then their history is planned in a fraction of the
-- time.
select not exists (
  select document_key
  from store.look
  group by document_key
  having
    bool_or(is_absence)
    or min(content_sha256) <> max(content_sha256)
    or count(captured_at) not in (0, count(*))
) as is_steady;
