-- The number of words of a text that an earlier one lacks, repeated words counted as often as they stand; null where
-- either text is. The counts of words stand in a list of one, so that each is made once and not for every word.
-- noqa: disable=layout.indent
create or replace macro store.words_added(earlier, later) as
  case
    when earlier is not null and later is not null
      then list_transform(
        [{
          'later': list_histogram(list_filter(string_split_regex(later, '\s+'), lambda word: word <> '')),
          'earlier': list_histogram(list_filter(string_split_regex(earlier, '\s+'), lambda word: word <> ''))
        }],
        lambda counts: coalesce(
          list_sum(
            list_transform(
              map_entries(counts.later),
              lambda entry: greatest(entry.value::bigint - coalesce(counts.earlier[entry.key], 0)::bigint, 0)
            )
          ),
          0
        )
      )[1]::integer
  end;
