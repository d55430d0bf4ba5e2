-- Into the new file `anew`: the ends of runs, without the lines that tell of rejections whose words were withheld.
insert into anew.store.run_end by name
select
  run_end.* replace (
    list_transform(
      run_end.sources,
      lambda one: {
        'source_key': one.source_key,
        'input_count': one.input_count,
        'read_count': one.read_count,
        'appended_count': one.appended_count,
        'unchanged_count': one.unchanged_count,
        'rejected_count': one.rejected_count,
        'errors': list_transform(
          one.errors,
          lambda line: case
            when len(list_filter(shown.found, lambda words: contains(line, words))) > 0 then 'withheld'
            else line
          end
        )
      }
    ) as sources
  )
from store.run_end as run_end
cross join (
  select coalesce(list(rejection.found), []) as found
  from store.rejection as rejection
  semi join store.withheld_leaf using (rejection_key)
  where rejection.found <> 'withheld'
) as shown;
