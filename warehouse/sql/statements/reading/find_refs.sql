-- In:  $key, a version's ref or the beginning of one.
-- Out: up to six refs that begin with it, the very ref first, each with the document and the ref that it leads to: its own, or,
--      where no version has those words any more, those that the newest reading finds in the same bytes. One whose bytes are
--      withheld leads to no others.
with withheld as (
  select distinct known.ref
  from store.ref as known
  inner join store.withheld_bytes as gone
    on
      known.raw_sha256 = gone.raw_sha256
      and gone.byte_range in ('all', known.byte_from || '-' || known.byte_to)
  anti join store.version as version on known.ref = version.ref
  where starts_with(known.ref, $key)
),

found as (
  select distinct on (ref)
    ref,
    document_key,
    raw_sha256,
    byte_from,
    byte_to
  from store.ref
  anti join withheld using (ref)
  where starts_with(ref, $key)
  order by
    ref,
    append_number
),

listed as (
  select *
  from found
  order by
    ref = $key desc,
    ref
  limit 6
),

read_anew as (
  select
    listed.ref,
    reading.document_key,
    reading.document_key || '@' || lower(left(hex(reading.content_sha256), 8)) as present_ref
  from listed
  anti join store.version as version using (ref)
  inner join store.newest_extraction as extraction using (raw_sha256)
  inner join store.reading as reading
    on
      extraction.extraction_key = reading.extraction_key
      and listed.byte_from < reading.byte_to
      and listed.byte_to > reading.byte_from
  qualify
    row_number() over (
      partition by listed.ref
      order by
        reading.document_key <> listed.document_key,
        reading.byte_from,
        reading.position,
        extraction.extraction_key
    ) = 1
)

select
  listed.ref,
  coalesce(read_anew.document_key, listed.document_key) as document_key,
  coalesce(read_anew.present_ref, listed.ref) as present_ref
from listed
left join read_anew using (ref)
order by
  listed.ref = $key desc,
  listed.ref;
