-- One row: one stretch of one blob that was withheld, or holds withheld words that came in again; 'all': the whole blob.
-- Records that have no place of their own in the bytes, such as rows of a database, can't be taken out of them one by one.
create or replace view store.withheld_bytes as
select
  raw_sha256,
  unnest(string_split(byte_ranges, ' ')) as byte_range,
  why
from store.withholding
union
select
  extraction.raw_sha256,
  found.byte_from || '-' || found.byte_to as byte_range,
  found.why
from (
  select
    reading.extraction_key,
    reading.position,
    reading.byte_from,
    reading.byte_to,
    withheld.why
  from store.reading as reading
  inner join store.withheld_content as withheld using (content_sha256)
) as found
anti join store.reading as other
  on
    found.extraction_key = other.extraction_key
    and found.byte_from = other.byte_from
    and found.byte_to = other.byte_to
    and found.position <> other.position
inner join store.extraction as extraction on found.extraction_key = extraction.extraction_key
union
select
  raw_sha256,
  coalesce(byte_from || '-' || byte_to, 'all') as byte_range,
  null as why
from store.rejection
where reason = 'withheld';
