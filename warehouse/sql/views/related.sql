-- One row: one document that says what another says, or was forwarded from it; marked, never removed.
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
where document_key <> target_key
union all
select
  document_key,
  origin_key as target_key,
  'forward_of' as relation,
  null as similarity,
  'origin' as method,
  1 as method_version,
  'the forward names the channel and the number of its origin' as evidence
from store.current_document
where origin_key is not null;

comment on view related is 'One row: one document that says what another says, or was forwarded from it; marked, never removed.';
comment on column related.document_key is 'The document that repeats.';
comment on column related.target_key is 'The document that it repeats: of one text the earliest by sort_date, then by first sight; of a forward its origin, held or not.';
comment on column related.relation is 'How they are related: see terms, list relation.';
comment on column related.similarity is 'From 0 to 1; null where the source itself says so.';
comment on column related.method is 'How it was found: letters compares the letters and digits of the texts, origin takes the source''s word.';
comment on column related.method_version is 'Version of the method.';
comment on column related.evidence is 'What the finding rests on.';
