-- The documents of a table of versions, each in its newest state, with the hash of its letters.
-- In:  the name of a table or view with the columns of store.version, whole documents only; the number of the last append
--      whose word on the sources counts.
-- noqa: disable=layout.indent
create or replace macro store.document_in(versions, last_append) as table
with counted as (
  select
    document_key,
    count(*)::integer as version_count,
    count(*) filter (where cause = 'edited')::integer as source_edit_count,
    min(valid_from) as first_seen_at,
    max(held_until) as last_seen_at,
    max(valid_from) filter (where cause = 'edited') as last_changed_at
  from query_table(versions)
  group by document_key
),

described as (
  select
    version.document_key,
    version.ref,
    version.ref || ':' || left(version.first_capture_key, 8) as version_key,
    document.key_is_strong,
    content.medium,
    coalesce(content.title, description.headline) as title,
    content.text,
    content.word_count,
    content.published_text,
    content.document_number,
    content.forwarded_from,
    content.letters_sha256,
    content.origin_channel,
    content.origin_message_id,
    content.service_action,
    content.service_detail,
    len(content.media) as media_count,
    len(list_filter(content.media, lambda one: one.kind = 'document')) as attachment_count,
    version.failed_looks,
    content.withheld is not null as is_withheld,
    description.* exclude (description_sha256, headline, append_number, is_withheld),
    reading.event_from,
    reading.event_to,
    reading.event_basis,
    reading.published_after,
    reading.published_before,
    capture.source_key,
    source.publisher,
    source.channel,
    coalesce(source.time_zone, 'Europe/Moscow') as time_zone,
    case coverage.claim when 'sample' then true when 'complete' then false end as is_sample,
    store.published_day(description.published_at, content.medium, source.time_zone) as published_date
  from query_table(versions) as version
  inner join store.document as document using (document_key)
  inner join store.content as content using (content_sha256)
  inner join store.reading as reading using (extraction_key, position)
  inner join store.description as description using (description_sha256)
  inner join store.capture as capture using (capture_key)
  inner join store.coverage as coverage using (capture_key)
  left join (
    from store.source
    where append_number <= last_append
    qualify row_number() over (partition by source_key order by append_number desc) = 1
  ) as source using (source_key)
  where version.is_current
)

select
  described.document_key,
  described.published_date,
  described.kind,
  described.title,
  described.speakers,
  described.lang,
  described.medium,
  described.source_key,
  described.publisher,
  coalesce(described.channel_username, described.channel, described.channel_title) as channel,
  described.channel_title,
  described.document_number,
  described.published_at,
  coalesce(described.published_text, described.local_time) as published_text,
  case
    when described.published_basis is not null then described.published_basis
    when coalesce(described.published_after, described.published_before) is not null then 'order_and_event_dates'
  end as published_basis,
  described.published_after,
  described.published_before,
  coalesce(
    described.published_date, described.event_to, described.published_after, described.published_before
  ) as sort_date,
  case
    when described.published_date is not null then 'published'
    when described.event_to is not null then 'event'
    when described.published_after is not null then 'published_after'
    when described.published_before is not null then 'published_before'
  end as sort_date_basis,
  described.event_from,
  described.event_to,
  described.event_text,
  described.event_basis,
  described.event_place,
  described.kind_basis,
  described.languages_available,
  described.address as url,
  described.site_number,
  described.section,
  described.contents,
  described.edited_at as source_edited_at,
  described.is_edited,
  described.post_kind,
  described.author,
  described.reply_to,
  described.album,
  described.service_action,
  coalesce(described.service_detail, described.service_printed) as service_detail,
  described.text,
  described.word_count,
  described.hashtags,
  described.flags,
  described.has_media_placeholder,
  described.furniture,
  described.forwarded_from is not null
  or described.origin_message_id is not null
  or described.origin_channel is not null as is_forward,
  described.forwarded_from,
  case
    when described.origin_channel not like '@%' and described.origin_message_id is not null
      then 'telegram:' || described.origin_channel || ':' || described.origin_message_id
  end as origin_key,
  described.origin_at,
  described.is_excerpt,
  len(list_filter(described.passage_roles, lambda role: role = 'omission'))::integer as omission_count,
  described.is_sample,
  described.key_is_strong,
  case
    when described.failed_looks is null then 'present'
    when store.is_gone(described.failed_looks) then 'gone'
    else 'unknown'
  end as status,
  coalesce(described.media_count, 0)::integer as media_count,
  coalesce(described.attachment_count, 0)::integer as attachment_count,
  counted.first_seen_at,
  counted.last_seen_at,
  counted.last_changed_at,
  counted.version_count,
  counted.source_edit_count,
  described.version_key,
  described.ref,
  len(described.notices)::integer as notice_count,
  described.is_withheld,
  described.letters_sha256
from described
inner join counted using (document_key);
