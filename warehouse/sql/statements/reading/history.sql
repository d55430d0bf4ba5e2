-- In:  $document_key.
-- Out: one row for each version of the document, the first one first.
select
  version_number,
  ref,
  version_key,
  cause,
  is_current,
  is_silent,
  seen_from,
  seen_until,
  changed_after,
  changed_before,
  published_text,
  words_added,
  words_removed,
  title,
  text,
  form,
  source_key,
  locator,
  captured_at,
  captured_basis,
  recorded_at,
  is_withheld
from versions
where document_key = $document_key
order by version_number;
