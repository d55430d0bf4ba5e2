-- Append which ids of which channels the new extractions show. What breaks off claims nothing of its stretch.
insert into store.showing by name
select
  extraction_key,
  split_part(new_reading.document_key, ':', 2)::bigint as channel_id,
  min(split_part(new_reading.document_key, ':', 3)::bigint) as id_from,
  max(split_part(new_reading.document_key, ':', 3)::bigint) as id_to,
  count(distinct new_reading.document_key) as post_count,
  case when any_value(extraction.outcome) = 'read' then any_value(extraction.claim) else 'unknown' end as claim,
  getvariable('append_number') as append_number
from new_reading
inner join new_extraction as extraction using (extraction_key)
where new_reading.document_key like 'telegram:%'
group by
  extraction_key,
  channel_id
order by
  extraction_key,
  channel_id;
