-- In:  $document_key and $version_key.
-- Out: one row: the version's facts, then what of it is compared; null where its form does not carry that.
select
  versions.document_key,
  versions.ref,
  versions.version_key,
  versions.version_number,
  versions.is_current,
  versions.cause,
  versions.is_silent,
  versions.seen_from,
  versions.seen_until,
  versions.valid_from,
  versions.valid_to,
  versions.recorded_at,
  versions.title,
  versions.published_at,
  description.lang,
  content.medium,
  versions.source_key,
  documents.url,
  versions.locator,
  versions.captured_at,
  versions.captured_basis,
  versions.captured_via,
  versions.capture_key,
  versions.raw_sha256,
  versions.byte_from,
  versions.byte_to,
  versions.text_sha256,
  versions.form,
  versions.extractor,
  versions.extractor_version,
  versions.run_key,
  versions.is_withheld,
  content.carries_paragraphs,
  content.title as page_title,
  content.published_text,
  content.document_number,
  content.forwarded_from,
  content.service_action,
  list_transform(content.links, lambda one: concat_ws(' ', one.text, '<' || one.address || '>')) as links,
  list_transform(content.media, lambda one: concat_ws(' ', one.kind, one.name)) as media,
  content.poll,
  content.text
from versions
inner join store.version as version
  on
    versions.document_key = version.document_key
    and versions.version_number = version.spell_number
inner join store.content as content using (content_sha256)
inner join store.reading as reading
  on
    version.extraction_key = reading.extraction_key
    and version.position = reading.position
inner join store.description as description using (description_sha256)
left join documents on versions.document_key = documents.document_key
where
  versions.document_key = $document_key
  and version.document_key = $document_key
  and versions.version_key = $version_key;
