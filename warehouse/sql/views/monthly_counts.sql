-- One row: the documents of one month, source, medium and kind; samples are marked, and never to be added to the rest.
create or replace view monthly_counts as
select
  date_trunc('month', sort_date)::date as month,
  sort_date_basis as month_basis,
  source_key,
  medium,
  kind,
  is_sample,
  count(*) as document_count,
  sum(word_count)::bigint as word_count
from documents
group by all;

comment on view monthly_counts is 'One row: the documents of one month, source, medium and kind; samples are marked, and never to be added to the rest.';
comment on column monthly_counts.month is 'First day of the month of sort_date, by the days of Moscow; null where no day is known.';
comment on column monthly_counts.month_basis is 'What day was counted by: see terms, list sort_date_basis.';
comment on column monthly_counts.source_key is 'The source.';
comment on column monthly_counts.medium is 'page or post.';
comment on column monthly_counts.kind is 'What sort of document.';
comment on column monthly_counts.is_sample is 'True where the source is a sample: the count says nothing of the whole; null where nobody says what it shows.';
comment on column monthly_counts.document_count is 'Number of documents.';
comment on column monthly_counts.word_count is 'Words in them.';
