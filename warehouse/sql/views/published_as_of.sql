-- What was public at an instant, as far as the archive knows now.
-- In:  an instant.
-- Out: one row for each document that was public then or may have been, with how certain that is: see terms, lists certainty
--      and certainty_basis. Where the words of then are not known, ref, version_key, title and text are null. A document
--      has no row before its date of publication, nor while it was gone.
-- Candidates are the version whose look was the last one until then, of a document that was not seen until then its first,
-- and a later one of a post whose edit mark says that it stands since before then.
-- noqa: disable=layout.indent
create or replace macro published_as_of(instant) as table
with candidate as (
  select
    version.document_key,
    version.ref,
    version.ref || ':' || left(version.first_capture_key, 8) as version_key,
    version.spell_number,
    version.seen_from,
    version.seen_until,
    version.replaced_by,
    version.valid_from <= instant as is_held,
    version.valid_from > instant and version.spell_number > 1 as is_next,
    version.valid_to,
    list_filter(version.failed_looks, lambda look: look.looked_at <= instant) as failed_before,
    version.failed_looks,
    coalesce(content.title, description.headline) as title,
    content.text,
    content.medium,
    description.kind,
    description.lang,
    description.is_edited,
    description.edited_at,
    description.published_at,
    store.published_day(description.published_at, content.medium, source.time_zone) as published_date,
    reading.published_before,
    capture.source_key
  from store.version as version
  inner join store.content as content using (content_sha256)
  inner join store.reading as reading using (extraction_key, position)
  inner join store.description as description using (description_sha256)
  inner join store.capture as capture using (capture_key)
  left join (
    from store.source
    qualify row_number() over (partition by source_key order by append_number desc) = 1
  ) as source using (source_key)
  where
    (version.valid_from <= instant and (version.valid_to is null or version.valid_to > instant))
    or (
      version.valid_from > instant
      and (
        version.spell_number = 1
        or (
          version.cause = 'edited'
          and description.edited_at <= instant
          and (version.changed_after is null or description.edited_at > version.changed_after)
        )
      )
    )
),

nearest as (
  select *
  from candidate
  where
    is_held
    or is_next
    or published_at <= instant
    or published_before < store.published_day(instant::timestamptz, medium, null)
  qualify
    row_number() over (
      partition by document_key
      order by is_held and coalesce(seen_until >= instant, false) desc, is_next desc, spell_number
    ) = 1
),

judged as (
  select
    *,
    case
      when is_next then 'edit_mark'
      when not is_held and edited_at is not null and edited_at <= instant then 'edit_mark'
      when not is_held and medium = 'post' and not is_edited and published_at <= instant then 'not_edited'
      when not is_held then 'before_first_look'
      when seen_from <= instant and instant <= seen_until then 'seen_before_and_after'
      when len(failed_before) > 0 then 'failed_look'
      when len(failed_looks) > 0 then 'before_failed_look'
      when valid_to is not null then 'between_looks'
      else 'no_look_since'
    end as certainty_basis
  from nearest
  where not (is_held and len(failed_before) > 0 and store.is_gone(failed_looks))
)

select
  document_key,
  case
    when certainty_basis = 'seen_before_and_after' then 'witnessed'
    when certainty_basis in ('edit_mark', 'not_edited', 'no_look_since') then 'inferred'
    else 'unknown'
  end as certainty,
  certainty_basis,
  case when certainty <> 'unknown' then ref end as ref,
  case when certainty <> 'unknown' then version_key end as version_key,
  case when certainty <> 'unknown' then title end as title,
  case when certainty <> 'unknown' then text end as text,
  published_at,
  published_date,
  case when is_held then seen_from end as seen_from,
  case when is_held then seen_until end as seen_until,
  case when is_held then replaced_by else seen_from end as next_seen_from,
  kind,
  medium,
  lang,
  source_key
from judged;

-- noqa: disable=PRS
comment on macro table published_as_of is 'published_as_of(instant): one row for each document that was public at an instant or may have been, by what is known now, with its certainty; its columns: see terms, list published_as_of, and documents.';
