-- Out: the records that differ from what was read again, or are there once only, as JSON.
with held as (
  select
    extraction_key,
    position,
    byte_from,
    byte_to,
    document_key,
    lower(hex(content_sha256)) as content_sha256,
    lower(hex(description_sha256)) as description_sha256,
    event_from,
    event_to,
    event_basis,
    published_after,
    published_before,
    edited_at
  from store.reading
  semi join new_extraction using (extraction_key)
),

again as (
  select
    extraction_key,
    position,
    byte_from,
    byte_to,
    document_key,
    lower(hex(content_sha256)) as content_sha256,
    lower(hex(description_sha256)) as description_sha256,
    event_from,
    event_to,
    event_basis,
    published_after,
    published_before,
    edited_at
  from new_reading
)

select
  coalesce(held.extraction_key, again.extraction_key) || ', position '
  || coalesce(held.position, again.position)
  || ' (' || coalesce(held.document_key, again.document_key) || ')' as named,
  to_json(held)::varchar as found,
  to_json(again)::varchar as expected
from held
full join again on held.extraction_key = again.extraction_key and held.position = again.position
where held is distinct from again
order by
  coalesce(held.extraction_key, again.extraction_key),
  coalesce(held.position, again.position)
limit 1000;
