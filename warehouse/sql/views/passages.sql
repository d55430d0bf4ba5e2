-- One row: one line or paragraph of one version.
create or replace view passages as
select
  version.ref || ':' || left(version.first_capture_key, 8) as version_key,
  version.document_key,
  version.is_current,
  line.number::integer as number,
  description.passage_roles[line.number] as role,
  description.passage_speakers[line.number] as speaker,
  line.text
from store.version as version
inner join store.content as content using (content_sha256)
inner join store.reading as reading using (extraction_key, position)
inner join store.description as description using (description_sha256)
cross join lateral (
  select
    unnest(string_split(content.text, chr(10))) as text,
    generate_subscripts(string_split(content.text, chr(10)), 1) as number
) as line
where content.text <> '';

comment on view passages is 'One row: one line or paragraph of one version.';
comment on column passages.version_key is 'The version, see versions.';
comment on column passages.document_key is 'The document, see documents.';
comment on column passages.is_current is 'True where the version is the document''s current one.';
comment on column passages.number is 'Place in the text, from 1.';
comment on column passages.role is 'What it is for: see terms, list role.';
comment on column passages.speaker is 'Who says it, as printed; null when unsure.';
comment on column passages.text is 'The words.';
