-- In:  compared; succession; $most.
-- Out: so many documents of each format and source whose words are read otherwise, gained or lost, with both texts.
with staged as (
  select
    content_sha256,
    title,
    text
  from staged_content
  semi join (
    from compared
    where change in ('other_words', 'gained')
  ) as wanted
    on staged_content.content_sha256 = wanted.newer_words
  union
  select
    content_sha256,
    title,
    text
  from store.content
  semi join (
    from compared
    where change in ('other_words', 'gained')
  ) as wanted
    on content.content_sha256 = wanted.newer_words
),

sampled as (
  select
    extraction.format,
    extraction.source_key,
    compared.document_key,
    compared.change,
    compared.older_words,
    compared.newer_words
  from compared
  inner join succession using (newer_key)
  inner join store.extraction as extraction on succession.older_key = extraction.extraction_key
  where compared.change in ('other_words', 'gained', 'lost')
  qualify
    row_number() over (
      partition by extraction.format, extraction.source_key, compared.change order by compared.document_key, newer_key
    ) <= $most
)

select
  sampled.format,
  sampled.source_key,
  sampled.change,
  sampled.document_key,
  older.title as older_title,
  newer.title as newer_title,
  older.text as older_text,
  newer.text as newer_text
from sampled
left join store.content as older on sampled.older_words = older.content_sha256
left join staged as newer on sampled.newer_words = newer.content_sha256
order by
  sampled.format,
  sampled.source_key,
  sampled.change,
  sampled.document_key;
