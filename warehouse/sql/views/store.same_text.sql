-- One row: one document with words in its current state, and the earliest document that says the same: itself, if it is
-- alone or the first.
create or replace view store.same_text as
select
  document_key,
  first_value(document_key) over (
    partition by coalesce(letters_sha256, encode(document_key))
    order by sort_date nulls last, first_seen_at, document_key
  ) as target_key,
  count(*) over (partition by coalesce(letters_sha256, encode(document_key))) as same_count,
  letters_sha256
from store.current_document
where word_count > 0;
