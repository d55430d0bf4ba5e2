-- The changes that the archive learned of in a stretch of its appends.
-- In:  the numbers of the first and the last append.
-- Out: the columns of the view changes.
-- The versions of a few appends are found before their words are joined; removals are few at any rate.
-- noqa: disable=layout.indent,layout.spacing
create or replace macro store.changes_in(first_append, last_append) as table
with told as (
  select
    version.*,
    false as is_removal
  from store.version as version
  semi join (
    from store.append
    where append_number between first_append and last_append
  ) using (append_number)
  union all
  select
    version.*,
    true as is_removal
  from store.version as version
  where version.failed_looks is not null and store.is_gone(version.failed_looks)
),

change as (
  select
    document_key,
    case when is_removal then 'removed' else cause end as cause,
    case when is_removal then seen_until else changed_after end as changed_after,
    case when is_removal then failed_looks[1].looked_at else changed_before end as changed_before,
    case when is_removal then greatest(append_number, store.gone_in(failed_looks)) else append_number end as append_number,
    is_removal as is_end,
    case
      when is_removal
        then list_transform(
          failed_looks,
          lambda look: {
            'capture_key': look.capture_key,
            'looked_at': look.looked_at,
            'kind': look.kind
          }
        )
    end as evidence,
    spell_number::integer as version_number,
    ref || ':' || left(first_capture_key, 8) as version_key,
    previous_first_capture_key,
    extraction_key,
    position,
    content_sha256,
    case when not is_removal then previous_extraction_key end as previous_extraction_key,
    case when not is_removal then previous_position end as previous_position,
    case when not is_removal then previous_content_sha256 end as previous_content_sha256
  from told
  union all
  select
    document_key,
    'read_anew' as cause,
    null as changed_after,
    null as changed_before,
    append_number,
    newer_position is null as is_end,
    null as evidence,
    null as version_number,
    null as version_key,
    null as previous_first_capture_key,
    case when newer_position is null then older_key else newer_key end as extraction_key,
    coalesce(newer_position, older_position) as position,
    coalesce(newer_content_sha256, older_content_sha256) as content_sha256,
    case when newer_position is not null then older_key end as previous_extraction_key,
    case when newer_position is not null then older_position end as previous_position,
    case when newer_position is not null then older_content_sha256 end as previous_content_sha256
  from store.rereading
)

select
  change.document_key,
  change.cause,
  case
    when change.cause <> 'edited' then false
    else store.is_silent(
      content.medium,
      previous.published_text,
      content.published_text,
      previous_description.is_edited,
      description.is_edited,
      previous_description.edited_at,
      description.edited_at,
      change.changed_after
    )
  end as is_silent,
  change.changed_after,
  change.changed_before,
  append.recorded_at,
  append.run_key,
  case
    when coalesce(content.withheld, previous.withheld) is not null then null
    when change.is_end then 0
    when previous.text is null then content.word_count
    else store.words_added(previous.text, content.text)
  end as words_added,
  case
    when coalesce(content.withheld, previous.withheld) is not null then null
    when change.is_end then content.word_count
    when previous.text is null then 0
    else store.words_added(content.text, previous.text)
  end as words_removed,
  coalesce(content.title, description.headline) as title,
  description.kind,
  content.medium,
  description.lang,
  description.hashtags,
  case when change.is_end then content.text else previous.text end as text_before,
  case when not change.is_end then content.text end as text_after,
  case when change.is_end then content.published_text else previous.published_text end as published_text_before,
  case when not change.is_end then content.published_text end as published_text_after,
  change.evidence,
  change.version_number,
  case
    when change.is_end then change.version_key
    when change.previous_first_capture_key is not null
      then change.document_key || '@' || lower(left(hex(change.previous_content_sha256), 8)) || ':'
        || left(change.previous_first_capture_key, 8)
  end as previous_version_key,
  case when not change.is_end then change.version_key end as version_key,
  change.document_key || '@' || lower(left(hex(
    case when change.is_end then change.content_sha256 else change.previous_content_sha256 end
  ), 8)) as ref_before,
  case when not change.is_end then change.document_key || '@' || lower(left(hex(change.content_sha256), 8)) end as ref,
  extraction.source_key
from change
inner join (
  from store.append
  where append_number between first_append and last_append
) as append using (append_number)
inner join store.extraction as extraction using (extraction_key)
inner join store.content as content using (content_sha256)
inner join store.reading as reading using (extraction_key, position)
inner join store.description as description using (description_sha256)
left join store.content as previous on change.previous_content_sha256 = previous.content_sha256
left join store.reading as previous_reading
  on
    change.previous_extraction_key = previous_reading.extraction_key
    and change.previous_position = previous_reading.position
left join store.description as previous_description
  on previous_reading.description_sha256 = previous_description.description_sha256;
