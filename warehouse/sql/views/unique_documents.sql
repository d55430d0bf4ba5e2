-- One row: one text among the documents, shown by the earliest that has it.
create or replace view unique_documents as
select
  documents.document_key,
  documents.published_date,
  documents.sort_date,
  documents.sort_date_basis,
  documents.kind,
  documents.title,
  documents.lang,
  documents.medium,
  documents.source_key,
  documents.text,
  documents.word_count,
  documents.is_sample,
  documents.ref,
  (same_text.same_count - 1)::integer as repeat_count
from store.same_text as same_text
inner join documents using (document_key)
where same_text.document_key = same_text.target_key;

comment on view unique_documents is 'One row: one text among the documents, shown by the earliest that has it.';
comment on column unique_documents.document_key is 'The document, see documents.';
comment on column unique_documents.published_date is 'Day of publication in Moscow; null if not known.';
comment on column unique_documents.sort_date is 'A day to sort by, see documents.';
comment on column unique_documents.sort_date_basis is 'What sort_date is.';
comment on column unique_documents.kind is 'What sort of document it is.';
comment on column unique_documents.title is 'Title or headline.';
comment on column unique_documents.lang is 'Language of the text.';
comment on column unique_documents.medium is 'page or post.';
comment on column unique_documents.source_key is 'Its source.';
comment on column unique_documents.text is 'The words.';
comment on column unique_documents.word_count is 'Words in text.';
comment on column unique_documents.is_sample is 'True where the source is a sample; null where nobody says what it shows.';
comment on column unique_documents.ref is 'Short name of the current version, to cite.';
comment on column unique_documents.repeat_count is 'How many other documents say the same, see related.';
