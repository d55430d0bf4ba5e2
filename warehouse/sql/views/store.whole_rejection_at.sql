-- One row: one blob in which nothing could be read then, for one source, at the address where it was found or without one, with
-- why: it was rejected as a whole, or all that is in it. A rejection that a later reading has answered is none. Whether that
-- reading stands, store.newest_extraction_at says.
-- In:  the number of the last append that counts.
-- noqa: disable=layout.indent
create or replace macro store.whole_rejection_at(last_append) as table
select
  rejection.raw_sha256,
  rejection.source_key,
  regexp_extract(rejection.extraction_key, '@([0-9a-f]{16}):', 1) as address_key,
  arg_max(rejection.reason, (rejection.append_number, rejection.rejection_key)) as reason,
  max(rejection.append_number) as append_number
from store.rejection as rejection
inner join (
  from store.extraction
  where outcome = 'failed'
) as failed using (extraction_key)
anti join (
  from store.answer
  where append_number <= last_append
) as answered
  on rejection.rejection_key = answered.rejection_key
where rejection.append_number <= last_append
group by rejection.raw_sha256, rejection.source_key, address_key;
