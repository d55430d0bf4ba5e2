-- One row: one source as its row in the registry stands now, with what the archive holds of it.
create or replace view sources as
select
  source.source_key,
  source.publisher,
  source.channel,
  source.language,
  source.coverage,
  coalesce(held.document_count, 0)::integer as document_count,
  coalesce(seen.capture_count, 0)::integer as capture_count,
  seen.last_recorded_at,
  coalesce(refused.rejection_count, 0)::integer as rejection_count,
  source.format,
  source.locator,
  source.channel_id,
  source.time_zone,
  source.encoding,
  source.minimum,
  source.maximum,
  source.note
from (
  from store.source
  qualify row_number() over (partition by source_key order by append_number desc) = 1
) as source
left join (
  select
    extraction.source_key,
    count(distinct reading.document_key) as document_count
  from store.newest_extraction as extraction
  inner join store.reading as reading using (extraction_key)
  group by extraction.source_key
) as held using (source_key)
left join (
  select
    source_key,
    count(*) as capture_count,
    max(recorded_at) as last_recorded_at
  from store.capture
  group by source_key
) as seen using (source_key)
left join (
  select
    source_key,
    count(*) as rejection_count
  from store.rejection
  group by source_key
) as refused using (source_key);

comment on view sources is 'One row: one source as its row in the registry stands now, with what the archive holds of it.';
comment on column sources.source_key is 'Names the source.';
comment on column sources.publisher is 'Who publishes it; null if not known.';
comment on column sources.channel is 'The channel that it shows; null if not known.';
comment on column sources.language is 'Its language, by the registry (ISO 639-1).';
comment on column sources.coverage is 'What its inputs claim to show: see terms, list coverage.';
comment on column sources.document_count is 'Documents that its captures show.';
comment on column sources.capture_count is 'Captures of it.';
comment on column sources.last_recorded_at is 'When the newest of them was recorded (UTC).';
comment on column sources.rejection_count is 'Rejections among its inputs and their records.';
comment on column sources.format is 'The format of its inputs; null if each is recognised by itself.';
comment on column sources.locator is 'Where its inputs are.';
comment on column sources.channel_id is 'Number of that channel, by the registry or an alias.';
comment on column sources.time_zone is 'The zone in which it prints dates.';
comment on column sources.encoding is 'The encoding that is declared for it; null if none is.';
comment on column sources.minimum is 'Fewest records that its inputs may hold.';
comment on column sources.maximum is 'Most records that they may hold.';
comment on column sources.note is 'What a reader should know of it.';
