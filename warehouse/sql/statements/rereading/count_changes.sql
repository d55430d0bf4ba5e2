-- In:  compared; new_extraction; succession; staged_rejection.
-- Out: what the newer readings change, one row for each format and source.
with changed as (
  select
    newer_key,
    count(*) filter (where change <> 'lost') as document_count,
    count(*) filter (where change = 'same') as same_count,
    count(*) filter (where change = 'other_words') as other_words_count,
    count(*) filter (where change = 'other_description') as other_description_count,
    count(*) filter (where change = 'gained') as gained_count,
    count(*) filter (where change = 'lost') as lost_count
  from compared
  group by newer_key
),

older_rejection as (
  select
    succession.newer_key,
    rejection.reason,
    rejection.found,
    rejection.byte_from
  from succession
  inner join store.extraction as older on succession.older_key = older.extraction_key
  inner join store.rejection as rejection
    on
      older.raw_sha256 = rejection.raw_sha256
      and older.source_key = rejection.source_key
      and (
        rejection.extraction_key is null
        or split_part(older.extraction_key, ':', 1) = split_part(rejection.extraction_key, ':', 1)
      )
  anti join store.answer as answer using (rejection_key)
),

newer_rejection as (
  select
    extraction_key as newer_key,
    reason,
    found,
    byte_from
  from staged_rejection
),

rejected as (
  select
    named.newer_key,
    count(*) filter (where older.reason is null) as gained_count,
    count(*) filter (where newer.reason is null) as lost_count
  from older_rejection as older
  full join newer_rejection as newer
    on
      older.newer_key = newer.newer_key
      and older.reason = newer.reason
      and older.found = newer.found
      and older.byte_from is not distinct from newer.byte_from
  cross join lateral (select coalesce(older.newer_key, newer.newer_key) as newer_key) as named
  group by named.newer_key
)

select
  older.format,
  older.source_key,
  count(*) as input_count,
  coalesce(sum(newer.record_count), 0)::bigint as record_count,
  coalesce(sum(changed.document_count), 0)::bigint as document_count,
  coalesce(sum(changed.same_count), 0)::bigint as same_count,
  coalesce(sum(changed.other_words_count), 0)::bigint as other_words_count,
  coalesce(sum(changed.other_description_count), 0)::bigint as other_description_count,
  coalesce(sum(changed.gained_count), 0)::bigint as gained_count,
  coalesce(sum(changed.lost_count), 0)::bigint as lost_count,
  coalesce(sum(rejected.gained_count), 0)::bigint as rejections_gained_count,
  coalesce(sum(rejected.lost_count), 0)::bigint as rejections_lost_count
from succession
inner join store.extraction as older on succession.older_key = older.extraction_key
inner join new_extraction as newer on succession.newer_key = newer.extraction_key
left join changed using (newer_key)
left join rejected using (newer_key)
group by
  older.format,
  older.source_key
order by
  older.format,
  older.source_key;
