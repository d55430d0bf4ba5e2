-- One row: one hashtag of one document in its current state.
create or replace view hashtags as
select
  hashtag,
  lower(hashtag) as hashtag_folded,
  document_key,
  sort_date,
  sort_date_basis,
  kind,
  source_key,
  is_sample
from (
  select
    unnest(hashtags) as hashtag,
    document_key,
    sort_date,
    sort_date_basis,
    kind,
    source_key,
    is_sample
  from documents
);

comment on view hashtags is 'One row: one hashtag of one document in its current state.';
comment on column hashtags.hashtag is 'The tag as published, without #.';
comment on column hashtags.hashtag_folded is 'The tag in lower case, to group by.';
comment on column hashtags.document_key is 'The document, see documents.';
comment on column hashtags.sort_date is 'A day to sort by, see documents.';
comment on column hashtags.sort_date_basis is 'What sort_date is.';
comment on column hashtags.kind is 'What sort of document it is.';
comment on column hashtags.source_key is 'Its source.';
comment on column hashtags.is_sample is 'True where the source is a sample: counts over it say nothing of how much there is; null where nobody says what it shows.';
