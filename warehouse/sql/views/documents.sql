-- One row: one document in its current state.
create or replace view documents as
select
  document_key,
  published_date,
  kind,
  title,
  speakers,
  lang,
  medium,
  source_key,
  publisher,
  channel,
  url,
  site_number,
  document_number,
  section,
  published_at,
  published_text,
  published_basis,
  published_after,
  published_before,
  sort_date,
  sort_date_basis,
  source_edited_at,
  source_edited_at < first_seen_at as edited_before_first_seen,
  event_from,
  event_to,
  event_text,
  event_basis,
  event_place,
  kind_basis,
  languages_available,
  text,
  word_count,
  hashtags,
  flags,
  media_count,
  attachment_count,
  has_media_placeholder,
  furniture,
  is_forward,
  forwarded_from,
  origin_key,
  is_excerpt,
  omission_count,
  is_sample,
  key_is_strong,
  status,
  first_seen_at,
  last_seen_at,
  last_changed_at,
  version_count,
  source_edit_count,
  version_key,
  ref,
  notice_count,
  is_withheld
from store.current_document;

comment on view documents is 'One row: one document in its current state.';
comment on column documents.document_key is 'Names the document: made of the publisher''s id where the form has one, else weak, see key_is_strong.';
comment on column documents.published_date is 'Day of publication in the publisher''s zone (Moscow); null if the document does not say.';
comment on column documents.kind is 'What sort of document it is, by its title: see terms, list kind.';
comment on column documents.title is 'The title of a page; the headline of a post, as published.';
comment on column documents.speakers is 'Who speaks, as far as the title or labels in the text say so.';
comment on column documents.lang is 'Language of the text (ISO 639-1).';
comment on column documents.medium is 'page or post.';
comment on column documents.source_key is 'The source whose capture shows it best, see sources.';
comment on column documents.publisher is 'Who published it, by the registry of sources; null if not known.';
comment on column documents.channel is 'The channel that it stood in, by the registry; null if not known.';
comment on column documents.url is 'Where a page was found, as its form tells it.';
comment on column documents.site_number is 'The site''s own number of a page: one in all languages and sections.';
comment on column documents.document_number is 'The ministry''s own number, such as 1893-27-09-2023; null if not printed.';
comment on column documents.section is 'Section of the site in which a page was found, by its address.';
comment on column documents.published_at is 'Instant of publication (UTC) by the document''s own date line; null if it does not say.';
comment on column documents.published_text is 'The publisher''s date line, as printed.';
comment on column documents.published_basis is 'How the publication is dated: see terms, list published_basis.';
comment on column documents.published_after is 'Published on this day or later, where only bounds are known; the assumption is in terms, list published_basis.';
comment on column documents.published_before is 'Published on this day or earlier, likewise.';
comment on column documents.sort_date is 'A day to sort by: the best that is known, see sort_date_basis. No statement about publication.';
comment on column documents.sort_date_basis is 'What sort_date is: see terms, list sort_date_basis.';
comment on column documents.source_edited_at is 'When the source says that it was last edited (UTC); null if it does not say.';
comment on column documents.edited_before_first_seen is 'True where that was before the archive first saw it: an earlier text existed that is not held.';
comment on column documents.event_from is 'First day of the event that it is about; another thing than publication.';
comment on column documents.event_to is 'Last day of that event.';
comment on column documents.event_text is 'The event''s date, as printed.';
comment on column documents.event_basis is 'How the year of the event is known: see terms, list event_basis.';
comment on column documents.event_place is 'Where the event took place, as printed; null if not stated.';
comment on column documents.kind_basis is 'title where the title says so, none where no rule fits.';
comment on column documents.languages_available is 'Languages in which the page says that it exists (ISO 639-1).';
comment on column documents.text is 'The words, one line for each paragraph or line; empty for a document without text.';
comment on column documents.word_count is 'Words in text, apart from white space.';
comment on column documents.hashtags is 'Hashtags without #, each once, in the order of the text.';
comment on column documents.flags is 'Flags in the text as ISO 3166-1 alpha-2 codes (and EU, UN), each once, in its order.';
comment on column documents.media_count is 'Number of pictures, files and other media, as far as the form carries them.';
comment on column documents.attachment_count is 'Number of files among them.';
comment on column documents.has_media_placeholder is 'True where the form shows that there was media and does not hold it.';
comment on column documents.furniture is 'What stood around the text and is no part of it, as printed.';
comment on column documents.is_forward is 'True for a post forwarded from another channel.';
comment on column documents.forwarded_from is 'Name of the channel that it was forwarded from, as printed.';
comment on column documents.origin_key is 'Of a forwarded post: the document that it was forwarded from, held or not; null where the form does not tell its id.';
comment on column documents.is_excerpt is 'True where it points to a fuller text elsewhere.';
comment on column documents.omission_count is 'Lines that are the publisher''s own mark for words left out.';
comment on column documents.is_sample is 'True where its source is a sample: counts over it say nothing of how much there is; null where nobody says what it shows.';
comment on column documents.key_is_strong is 'True where the key is made of the publisher''s id; a weak one is made of the source, the printed date and the first lines.';
comment on column documents.status is 'present, gone or unknown: see terms, list status.';
comment on column documents.first_seen_at is 'When the archive''s captures first show it (UTC); where a capture''s time is unknown, when it was recorded.';
comment on column documents.last_seen_at is 'When they last show it, likewise.';
comment on column documents.last_changed_at is 'When they first show its newest words, if the publisher ever changed them.';
comment on column documents.version_count is 'Number of its versions.';
comment on column documents.source_edit_count is 'How often the publisher changed the words, as far as captures show.';
comment on column documents.version_key is 'The current version, see versions.';
comment on column documents.ref is 'Short name of the current version, to cite.';
comment on column documents.notice_count is 'Number of oddities that were read past, see notices.';
comment on column documents.is_withheld is 'True where its words were taken out of the archive: text is empty then; notices says why.';
