-- In:  $first_append and $last_append; $run_key, $source_key, $kind, $tag, $words, $causes and $most, each null where
--      nothing is asked.
-- Out: the columns of the view changes, one row for each change that fits, what the archive learned last first.
-- Words are looked for before and after the change, without regard to case and to the shape of quotes, dashes and spaces.
with change as (
  select
    *,
    store.plain_marks(lower(concat_ws(' ', title, text_before, text_after))) as folded
  from store.changes_in($first_append, $last_append)
)

select * exclude (folded)
from change
where
  ($run_key::varchar is null or run_key = $run_key)
  and ($source_key::varchar is null or source_key = $source_key)
  and ($kind::varchar is null or kind = $kind)
  and ($causes::varchar[] is null or list_contains($causes, cause))
  and (
    $tag::varchar is null
    or list_contains(list_transform(hashtags, lambda tag: lower(tag)), lower(ltrim($tag, '#')))
  )
  and (
    $words::varchar is null
    or list_bool_and(
      list_transform(
        string_split(store.plain_marks(lower($words::varchar)), ' '),
        lambda word: contains(folded, word)
      )
    )
  )
order by
  recorded_at desc,
  changed_before desc nulls last,
  document_key asc,
  version_number desc nulls last,
  cause asc,
  ref asc,
  ref_before asc
limit $most;
