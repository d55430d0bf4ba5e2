-- One row: one document that says what another says; marked, never removed.
create or replace view related as
select
  document_key,
  target_key,
  'same_text' as relation,
  1.0 as similarity,
  'letters' as method,
  1 as method_version,
  'the letters and digits of both texts have the SHA-256 that begins ' || lower(hex(letters_sha256)) as evidence
from store.same_text
where document_key <> target_key;

comment on view related is 'One row: one document that says what another says; marked, never removed.';
comment on column related.document_key is 'The document that repeats.';
comment on column related.target_key is 'The document that it repeats: the earliest by sort_date, then by first sight.';
comment on column related.relation is 'How they are related: see terms, list relation.';
comment on column related.similarity is 'From 0 to 1.';
comment on column related.method is 'How it was found: letters compares the letters and digits of the texts.';
comment on column related.method_version is 'Version of the method.';
comment on column related.evidence is 'What the finding rests on.';
