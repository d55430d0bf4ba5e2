-- In:  $document_key and $ref, null for the current version.
-- Out: one row: what a citation of that version says; no row where no version shows the words of that ref.
-- The capture is the version's witness; where its bytes were withheld, another one that shows these words and whose bytes
-- still stand, if there is one. The address of a post is made of the username, where one is known of the channel.
with head as (
  select
    lower(hex(head)) as head,
    recorded_at
  from store.append
  order by append_number desc
  limit 1
),

username as (
  select
    channel_id,
    min(username) as username
  from store.channel
  group by channel_id
  having count(*) = 1
),

registered as (
  from store.source
  qualify row_number() over (partition by source_key order by append_number desc) = 1
),

asked as (
  select *
  from store.version
  where document_key = $document_key and case when $ref::varchar is null then is_current else ref = $ref end
  order by spell_number desc
  limit 1
),

shown as (
  select
    sighting.capture_key,
    reading.byte_from,
    reading.byte_to,
    withheld.raw_sha256 is not null as is_withheld
  from store.sighting as sighting
  inner join asked using (document_key, content_sha256)
  inner join store.reading as reading
    on sighting.extraction_key = reading.extraction_key and sighting.position = reading.position
  inner join store.capture as capture on sighting.capture_key = capture.capture_key
  left join store.withheld_bytes as withheld
    on
      capture.raw_sha256 = withheld.raw_sha256
      and (
        withheld.byte_range = 'all'
        or (
          split_part(withheld.byte_range, '-', 1)::bigint < reading.byte_to
          and reading.byte_from < split_part(withheld.byte_range, '-', 2)::bigint
        )
      )
  where sighting.document_key = $document_key
  order by
    is_withheld,
    sighting.capture_key <> asked.witness_capture_key,
    sighting.position <> asked.witness_position,
    coalesce(capture.captured_at between asked.seen_from and asked.seen_until, false) desc,
    sighting.trust desc,
    capture.captured_at nulls last,
    capture.capture_key
  limit 1
),

cited as (
  select
    version.document_key,
    version.ref,
    version.spell_number as version_number,
    version.is_current,
    current_version.ref as current_ref,
    current_version.spell_number as version_count,
    current_version.failed_looks[1].looked_at as absent_from,
    version.seen_from,
    version.seen_until,
    version.replaced_by,
    content.medium,
    content.text,
    case
      when content.withheld is null then coalesce(content.title, description.headline)
      else '(withheld)'
    end as title,
    content.published_text,
    content.document_number,
    content.forwarded_from,
    content.origin_channel,
    content.text_sha256,
    description.* exclude (append_number, is_withheld),
    reading.published_after,
    reading.published_before,
    shown.byte_from,
    shown.byte_to,
    shown.is_withheld as are_bytes_withheld,
    capture.capture_key,
    capture.captured_at,
    capture.captured_basis,
    capture.locator,
    capture.recorded_at,
    capture.raw_sha256,
    registered.publisher,
    registered.channel as registered_channel,
    case
      when document.key_is_strong and content.medium = 'post' then split_part(version.document_key, ':', 2)::bigint
    end as channel_id,
    case
      when document.key_is_strong and content.medium = 'post' then split_part(version.document_key, ':', 3)
    end as message_id,
    case when content.medium = 'page' then coalesce(registered.time_zone, 'Europe/Moscow') else 'Europe/Moscow' end as time_zone
  from asked as version
  cross join shown
  inner join store.version as current_version
    on version.document_key = current_version.document_key and current_version.is_current
  inner join store.document as document on version.document_key = document.document_key
  inner join store.content as content on version.content_sha256 = content.content_sha256
  inner join store.reading as reading
    on version.extraction_key = reading.extraction_key and version.position = reading.position
  inner join store.description as description on reading.description_sha256 = description.description_sha256
  inner join store.capture as capture on shown.capture_key = capture.capture_key
  left join registered on capture.source_key = registered.source_key
)

select
  cited.document_key,
  cited.ref,
  cited.version_number,
  cited.version_count,
  cited.is_current,
  cited.current_ref,
  documents.status,
  status.definition as status_means,
  cited.absent_from,
  cited.seen_from,
  cited.seen_until,
  cited.replaced_by,
  cited.medium,
  cited.kind,
  cited.lang,
  cited.title,
  cited.event_text,
  coalesce(cited.publisher, cited.channel_title, '@' || coalesce(cited.channel_username, cited.registered_channel)) as publisher,
  coalesce(cited.channel_username, username.username, cited.registered_channel) as username,
  cited.channel_title,
  cited.forwarded_from,
  cited.document_number,
  cited.published_at,
  (cited.published_at at time zone cited.time_zone)::date as published_date,
  published_basis.value as published_basis,
  published_basis.definition as published_basis_means,
  coalesce(cited.published_text, cited.local_time) as published_text,
  cited.published_after,
  cited.published_before,
  cited.edited_at as source_edited_at,
  coalesce(
    cited.address,
    'https://t.me/' || coalesce(cited.channel_username, username.username, cited.registered_channel) || '/' || cited.message_id
  ) as url,
  transport.address as captured_address,
  cited.captured_at,
  cited.captured_basis,
  captured_basis.definition as captured_basis_means,
  cited.recorded_at,
  cited.locator,
  cited.byte_from,
  cited.byte_to,
  cited.are_bytes_withheld,
  lower(hex(cited.text_sha256)) as text_sha256,
  lower(hex(cited.raw_sha256)) as raw_sha256,
  head.head,
  head.recorded_at as head_recorded_at
from cited
cross join head
inner join documents on cited.document_key = documents.document_key
left join terms as status on status.list = 'status' and documents.status = status.value
left join terms as published_basis
  on
    published_basis.list = 'published_basis'
    and published_basis.value = coalesce(
      cited.published_basis,
      case when coalesce(cited.published_after, cited.published_before) is not null then 'order_and_event_dates' end
    )
left join terms as captured_basis on captured_basis.list = 'captured_basis' and cited.captured_basis = captured_basis.value
left join username on cited.channel_id = username.channel_id
left join store.transport as transport on cited.capture_key = transport.capture_key;
