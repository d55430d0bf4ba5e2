-- In:  $source_key, $kind, $medium, $since, $until, $tag, $words and $most, each null where nothing is asked.
-- Out: one row for each document that fits, newest first; match_count says how many fit before the limit.
-- A document that can have been published between $since and $until fits, where only bounds of its day are known.
-- Words are looked for without regard to case and to the shape of quotes, dashes and spaces.
with wanted as (
  select string_split(store.plain_marks(lower(trim($words))), ' ') as words
),

folded as (
  select
    documents.*,
    store.plain_marks(lower(concat_ws(' ', documents.title, documents.text))) as words
  from documents
)

select
  folded.document_key,
  folded.sort_date,
  folded.sort_date_basis,
  folded.published_date,
  folded.published_after,
  folded.published_before,
  folded.event_from,
  folded.event_to,
  folded.kind,
  folded.title,
  folded.speakers,
  folded.lang,
  folded.medium,
  folded.source_key,
  folded.word_count,
  folded.version_count,
  folded.hashtags,
  folded.flags,
  folded.is_sample,
  folded.ref,
  count(*) over () as match_count
from folded
cross join wanted
where
  ($source_key::varchar is null or folded.source_key = $source_key)
  and ($kind::varchar is null or folded.kind = $kind)
  and ($medium::varchar is null or folded.medium = $medium)
  and (
    $since::date is null
    or coalesce(folded.published_date, folded.published_before, folded.event_to, folded.sort_date) >= $since
  )
  and (
    $until::date is null
    or coalesce(folded.published_date, folded.published_after, folded.event_from, folded.sort_date) <= $until
  )
  and (
    $tag::varchar is null
    or list_contains(list_transform(folded.hashtags, lambda tag: lower(tag)), lower(ltrim($tag, '#')))
  )
  and ($words::varchar is null or list_bool_and(list_transform(wanted.words, lambda word: contains(folded.words, word))))
order by
  folded.sort_date desc nulls last,
  folded.document_key asc
limit $most;
