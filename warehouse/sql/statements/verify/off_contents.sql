-- Out: the words that differ from what was read again in anything, as JSON; their hashes are compared elsewhere.
with held as (
  select
    content_sha256,
    medium,
    title,
    text,
    text_sha256,
    letters_sha256,
    spaced_sha256,
    carries_paragraphs,
    published_text,
    document_number,
    forwarded_from,
    word_count,
    links,
    links_sha256,
    media,
    media_kinds,
    media_names,
    origin_channel,
    origin_message_id,
    poll,
    poll_sha256,
    service_action,
    service_detail
  from store.content
),

again as (
  select distinct on (content_sha256)
    content_sha256,
    medium,
    title,
    text,
    text_sha256,
    letters_sha256,
    spaced_sha256,
    carries_paragraphs,
    published_text,
    document_number,
    forwarded_from,
    word_count,
    links,
    links_sha256,
    media,
    media_kinds,
    media_names,
    origin_channel,
    origin_message_id,
    poll,
    poll_sha256,
    service_action,
    service_detail
  from staged_content
)

select
  lower(hex(held.content_sha256)) as named,
  to_json(held)::varchar as found,
  to_json(again)::varchar as expected
from held
inner join again on held.content_sha256 = again.content_sha256
where held is distinct from again
order by held.content_sha256
limit 1000;
