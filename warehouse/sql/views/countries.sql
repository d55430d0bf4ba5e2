-- One row: one country whose flag stands in one document in its current state.
create or replace view countries as
select
  country_code,
  document_key,
  sort_date,
  sort_date_basis,
  kind,
  source_key,
  is_sample
from (
  select
    unnest(flags) as country_code,
    document_key,
    sort_date,
    sort_date_basis,
    kind,
    source_key,
    is_sample
  from documents
);

comment on view countries is 'One row: one country whose flag stands in one document in its current state.';
comment on column countries.country_code is 'ISO 3166-1 alpha-2, and EU and UN for those flags.';
comment on column countries.document_key is 'The document, see documents.';
comment on column countries.sort_date is 'A day to sort by, see documents.';
comment on column countries.sort_date_basis is 'What sort_date is.';
comment on column countries.kind is 'What sort of document it is.';
comment on column countries.source_key is 'Its source.';
comment on column countries.is_sample is 'True where the source is a sample: counts over it say nothing of how much there is; null where nobody says what it shows.';
