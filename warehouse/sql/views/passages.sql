-- One row: one line or paragraph of one version.
create or replace view passages as
select
  ref || ':' || left(first_capture_key, 8) as version_key,
  document_key,
  is_current,
  generate_subscripts(lines, 1)::integer as number,
  unnest(passage_roles) as role,
  unnest(passage_speakers) as speaker,
  unnest(passage_names) as speaker_name,
  unnest(passage_outlets) as outlet,
  unnest(passage_blocks) as block,
  unnest(lines) as text
from (
  select
    version.ref,
    version.first_capture_key,
    version.document_key,
    version.is_current,
    string_split(content.text, chr(10)) as lines,
    description.passage_roles,
    description.passage_speakers,
    description.passage_names,
    description.passage_outlets,
    description.passage_blocks
  from store.version as version
  inner join store.content as content using (content_sha256)
  inner join store.reading as reading using (extraction_key, position)
  inner join store.description as description using (description_sha256)
  where content.text <> ''
);

comment on view passages is 'One row: one line or paragraph of one version.';
comment on column passages.version_key is 'The version, see versions.';
comment on column passages.document_key is 'The document, see documents.';
comment on column passages.is_current is 'True where the version is the document''s current one.';
comment on column passages.number is 'Place in the text, from 1.';
comment on column passages.role is 'What it is for: see terms, list role.';
comment on column passages.speaker is 'Who says it, as printed; null when unsure.';
comment on column passages.speaker_name is 'The same, normalised; null when unsure.';
comment on column passages.outlet is 'For which a question is asked, as printed; null when unsure.';
comment on column passages.block is 'What it is in the markup of its form: see terms, list block; null where the form has none.';
comment on column passages.text is 'The words.';
