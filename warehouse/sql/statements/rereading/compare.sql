-- In:  new_extraction and new_reading, of a staged batch; succession, the older and the newer key of each input.
-- Out: the temporary table compared, one row for each document that one of the two readings of an input shows.
create or replace temporary table compared as
with older as (
  select
    succession.newer_key,
    reading.document_key,
    list(reading.content_sha256 order by reading.position) as words,
    list(
      {
        'description': reading.description_sha256,
        'event': [reading.event_from, reading.event_to],
        'basis': reading.event_basis,
        'published': [reading.published_after, reading.published_before]
      }
      order by reading.position
    ) as said
  from succession
  inner join store.reading as reading on succession.older_key = reading.extraction_key
  group by
    succession.newer_key,
    reading.document_key
),

newer as (
  select
    extraction_key as newer_key,
    document_key,
    list(content_sha256 order by position) as words,
    list(
      {
        'description': description_sha256,
        'event': [event_from, event_to],
        'basis': event_basis,
        'published': [published_after, published_before]
      }
      order by position
    ) as said
  from new_reading
  group by
    extraction_key,
    document_key
)

select
  newer_key,
  document_key,
  older.words[1] as older_words,
  newer.words[1] as newer_words,
  case
    when newer.words is null then 'lost'
    when older.words is null then 'gained'
    when older.words <> newer.words then 'other_words'
    when older.said <> newer.said then 'other_description'
    else 'same'
  end as change
from older
full join newer using (newer_key, document_key);
