-- The number of words of a text that an earlier one lacks, repeated words counted as often as they stand; null where
-- either text is. The counts of words stand in a list of one, so that each is made once and not for every word. What
-- parts words is any white space, as for word_count: the pattern's own \s knows no no-break space.
-- noqa: disable=layout.indent
create or replace macro store.words_added(earlier, later) as
  case
    when earlier is not null and later is not null
      then list_transform(
        [{
          'later': list_histogram(
            list_filter(string_split_regex(later, '[\s\v\x1c-\x1f\x{85}\p{Z}]+'), lambda word: word <> '')
          ),
          'earlier': list_histogram(
            list_filter(string_split_regex(earlier, '[\s\v\x1c-\x1f\x{85}\p{Z}]+'), lambda word: word <> '')
          )
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
