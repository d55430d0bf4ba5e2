-- Every extraction has as many readings as it counts, at positions without a gap.
select
  extraction.extraction_key,
  extraction.record_count,
  count(reading.position) as reading_count
from store.extraction as extraction
left join store.reading as reading using (extraction_key)
where extraction.append_number >= getvariable('since_append')
group by extraction.extraction_key, extraction.record_count
having
  count(reading.position) <> extraction.record_count
  or count(distinct reading.position) <> extraction.record_count
  or coalesce(max(reading.position), 0) <> extraction.record_count;
