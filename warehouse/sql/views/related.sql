-- One row: one document that says what another says; marked, never removed.
create or replace view related as
with worded as (
  select
    documents.document_key,
    documents.sort_date,
    documents.first_seen_at,
    content.letters_sha256
  from documents
  inner join store.version as version on documents.document_key = version.document_key and version.is_current
  inner join store.content as content using (content_sha256)
  where documents.word_count > 0
),

grouped as (
  select
    *,
    first_value(document_key) over same_words as target_key,
    count(*) over (partition by letters_sha256) as group_size
  from worded
  window same_words as (partition by letters_sha256 order by sort_date nulls last, first_seen_at, document_key)
)

select
  document_key,
  target_key,
  'same_text' as relation,
  1.0 as similarity,
  'letters' as method,
  1 as method_version,
  'the letters and digits of both texts have the SHA-256 that begins ' || lower(hex(letters_sha256)) as evidence
from grouped
where document_key <> target_key;

comment on view related is 'One row: one document that says what another says; marked, never removed.';
comment on column related.document_key is 'The document that repeats.';
comment on column related.target_key is 'The document that it repeats: the earliest by sort_date, then by first sight.';
comment on column related.relation is 'How they are related: see terms, list relation.';
comment on column related.similarity is 'From 0 to 1.';
comment on column related.method is 'How it was found: letters compares the letters and digits of the texts.';
comment on column related.method_version is 'Version of the method.';
comment on column related.evidence is 'What the finding rests on.';
