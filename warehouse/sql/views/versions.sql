-- One row: one state of one document, from the first look that showed it to the last.
create or replace view versions as
select
  version.ref || ':' || left(version.first_capture_key, 8) as version_key,
  version.ref,
  version.document_key,
  version.spell_number::integer as version_number,
  version.is_current,
  version.cause,
  version.cause = 'edited' as is_source_edit,
  case
    when version.cause <> 'edited' then false
    else store.is_silent(
      content.medium,
      previous.published_text,
      content.published_text,
      previous_description.is_edited,
      description.is_edited,
      previous_description.edited_at,
      description.edited_at,
      version.changed_after
    )
  end as is_silent,
  version.seen_from,
  version.seen_until,
  version.replaced_by,
  version.changed_after,
  version.changed_before,
  version.valid_from,
  version.valid_to,
  description.published_at,
  content.published_text,
  coalesce(content.title, description.headline) as title,
  content.text,
  lower(hex(content.text_sha256)) as text_sha256,
  content.word_count,
  version.document_key || '@' || lower(left(hex(version.previous_content_sha256), 8)) || ':'
  || left(version.previous_first_capture_key, 8) as previous_version_key,
  case
    when coalesce(content.withheld, previous.withheld) is null then store.words_added(previous.text, content.text)
  end as words_added,
  case
    when coalesce(content.withheld, previous.withheld) is null then store.words_added(content.text, previous.text)
  end as words_removed,
  form.form,
  form.lost_in_form,
  version.sighting_count::integer as sighting_count,
  version.witness_capture_key as capture_key,
  capture.captured_at,
  capture.captured_basis,
  capture.captured_via,
  lower(hex(capture.raw_sha256)) as raw_sha256,
  capture.source_key,
  capture.locator,
  reading.byte_from,
  reading.byte_to,
  extraction.format as extractor,
  extraction.extractor_version,
  append.run_key,
  version.recorded_at,
  content.withheld is not null as is_withheld
from store.version as version
inner join store.content as content using (content_sha256)
left join store.content as previous on version.previous_content_sha256 = previous.content_sha256
inner join store.capture as capture on version.witness_capture_key = capture.capture_key
inner join store.extraction as extraction on version.witness_extraction_key = extraction.extraction_key
inner join store.form as form using (format)
inner join store.reading as reading
  on
    version.witness_extraction_key = reading.extraction_key
    and version.witness_position = reading.position
inner join store.append as append on reading.append_number = append.append_number
inner join store.reading as shown_reading
  on
    version.extraction_key = shown_reading.extraction_key
    and version.position = shown_reading.position
inner join store.description as description on shown_reading.description_sha256 = description.description_sha256
left join store.reading as previous_reading
  on
    version.previous_extraction_key = previous_reading.extraction_key
    and version.previous_position = previous_reading.position
left join store.description as previous_description
  on previous_reading.description_sha256 = previous_description.description_sha256;

comment on view versions is 'One row: one state of one document, from the first look that showed it to the last.';
comment on column versions.version_key is 'Names the version: its ref and the capture that first showed it.';
comment on column versions.ref is 'Short name to cite: the document''s key and a hash of the words as read; never moves.';
comment on column versions.document_key is 'The document, see documents.';
comment on column versions.version_number is 'Place in the document''s history, from 1; moves when older captures come in, so never cite it.';
comment on column versions.is_current is 'True for the newest state that is known.';
comment on column versions.cause is 'Why there is this version: see terms, list cause.';
comment on column versions.is_source_edit is 'True where the publisher changed the words.';
comment on column versions.is_silent is 'True for an edit that the publisher''s own date line or edit mark does not show; null where the form carries neither.';
comment on column versions.seen_from is 'Time of the first capture that shows it; null where no capture of it has a known time.';
comment on column versions.seen_until is 'Time of the last capture that shows it; null where no capture of it has a known time.';
comment on column versions.replaced_by is 'Time of the first capture that shows the next version; null if unknown or none.';
comment on column versions.changed_after is 'The words changed after this: the last capture that still had the version before.';
comment on column versions.changed_before is 'The words changed before this: the first capture of this version, or when that was recorded.';
comment on column versions.valid_from is 'seen_from; where the capture''s time is unknown, when it was recorded, which is the latest that it can be.';
comment on column versions.valid_to is 'valid_from of the next version; null for the current one.';
comment on column versions.published_at is 'When the document says that it was published (UTC); null if it does not say.';
comment on column versions.published_text is 'The publisher''s date line, as printed.';
comment on column versions.title is 'The title of a page; the headline of a post.';
comment on column versions.text is 'The words, one line for each paragraph or line; empty for a document without text, or withheld.';
comment on column versions.text_sha256 is 'SHA-256 of text in UTF-8, hexadecimal.';
comment on column versions.word_count is 'Words in text, apart from white space.';
comment on column versions.previous_version_key is 'The version before this one.';
comment on column versions.words_added is 'Words that the version before lacks; null for the first, and where either is withheld.';
comment on column versions.words_removed is 'Words of the version before that this one lacks; null for the first, and where either is withheld.';
comment on column versions.form is 'In which form the bytes came that show it best, those of its witness.';
comment on column versions.lost_in_form is 'What that form lacks of the published document.';
comment on column versions.sighting_count is 'Number of captures that show it.';
comment on column versions.capture_key is 'Its witness: the first capture (of known time, if any) in its most trusted form; an older one or a better form replaces it.';
comment on column versions.captured_at is 'When that capture was made (UTC); null if not known.';
comment on column versions.captured_basis is 'Who says so: see terms, list captured_basis.';
comment on column versions.captured_via is 'How the bytes came in: see terms, list captured_via.';
comment on column versions.raw_sha256 is 'SHA-256 of the captured bytes, hexadecimal; data/raw/blobs holds them under it.';
comment on column versions.source_key is 'The source of that capture, see sources.';
comment on column versions.locator is 'Where those bytes were found.';
comment on column versions.byte_from is 'First byte of the record in those bytes, from 0.';
comment on column versions.byte_to is 'The byte after its last.';
comment on column versions.extractor is 'The format that read it.';
comment on column versions.extractor_version is 'The version of that extractor.';
comment on column versions.run_key is 'The run that appended that reading, see runs.';
comment on column versions.recorded_at is 'When the archive first recorded a capture of it (UTC).';
comment on column versions.is_withheld is 'True where the words were taken out of the archive: text is empty, its hashes stand; notices says why.';
