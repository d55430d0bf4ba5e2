-- One row: one page in its current state.
create or replace view pages as
select
  document_key,
  published_date,
  kind,
  title,
  speakers,
  lang,
  languages_available,
  url,
  site_number,
  section,
  status,
  document_number,
  published_at,
  published_text,
  event_from,
  event_to,
  event_basis,
  event_place,
  text,
  len(string_split(text, chr(10)))::integer as paragraph_count,
  word_count,
  contents,
  media_count,
  attachment_count,
  furniture,
  source_key,
  publisher,
  is_sample,
  version_count,
  notice_count,
  ref
from store.current_document
where medium = 'page';

comment on view pages is 'One row: one page in its current state.';
comment on column pages.document_key is 'The document, see documents.';
comment on column pages.published_date is 'Day of publication in Moscow; null if the page does not say.';
comment on column pages.kind is 'What sort of document it is: see terms, list kind.';
comment on column pages.title is 'The title.';
comment on column pages.speakers is 'Who speaks, by the title.';
comment on column pages.lang is 'Language of the text (ISO 639-1).';
comment on column pages.languages_available is 'Languages in which the page says that it exists.';
comment on column pages.url is 'Where it was found, as its form tells it.';
comment on column pages.site_number is 'The site''s own number: one in all languages and sections.';
comment on column pages.section is 'Section of the site in which it was found, by its address.';
comment on column pages.status is 'present, gone or unknown: see terms, list status.';
comment on column pages.document_number is 'The ministry''s own number; null if not printed.';
comment on column pages.published_at is 'Instant of publication (UTC).';
comment on column pages.published_text is 'The date line, as printed.';
comment on column pages.event_from is 'First day of the event that it is about.';
comment on column pages.event_to is 'Last day of that event.';
comment on column pages.event_basis is 'How the year of the event is known: see terms, list event_basis.';
comment on column pages.event_place is 'Where the event took place, as printed.';
comment on column pages.text is 'The words, one line for each paragraph.';
comment on column pages.paragraph_count is 'Number of paragraphs.';
comment on column pages.word_count is 'Words in text.';
comment on column pages.contents is 'The lines of its table of contents, which are no part of the text.';
comment on column pages.media_count is 'Number of pictures, files and other media, as far as the form carries them.';
comment on column pages.attachment_count is 'Number of files among them.';
comment on column pages.furniture is 'What stood around the text, as printed.';
comment on column pages.source_key is 'The source whose capture shows it best.';
comment on column pages.publisher is 'Who published it, by the registry.';
comment on column pages.is_sample is 'True where the source is a sample; null where nobody says what it shows.';
comment on column pages.version_count is 'Number of its versions.';
comment on column pages.notice_count is 'Number of oddities that were read past.';
comment on column pages.ref is 'Short name of the current version, to cite.';
