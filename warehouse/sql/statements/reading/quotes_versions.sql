-- In:  $document_keys.
-- Out: one row for each version of these documents, the first one first, with its lines as they are and folded; where
--      the title stands apart from the text it is the first of them.
select
  version.document_key,
  version.ref,
  version.is_current,
  version.seen_from,
  version.seen_until,
  version.recorded_at,
  documents.title,
  documents.published_date,
  documents.status,
  form.form,
  form.lost_in_form,
  content.title is not null as has_title,
  string_split(concat_ws(chr(10), content.title, content.text), chr(10)) as lines,
  list_transform(
    string_split(concat_ws(chr(10), content.title, content.text), chr(10)), lambda line: store.folded(line)
  ) as folded,
  description.passage_speakers as speakers
from store.version as version
inner join documents on version.document_key = documents.document_key
inner join store.content as content using (content_sha256)
inner join store.extraction as extraction using (extraction_key)
inner join store.form as form using (format)
inner join store.reading as reading using (extraction_key, position)
inner join store.description as description using (description_sha256)
where list_contains($document_keys::varchar[], version.document_key)
order by
  version.document_key,
  version.spell_number;
