-- One row: one change of one document: a version that is not its first.
create or replace view changes as
select
  document_key,
  cause,
  is_silent,
  changed_after,
  changed_before,
  recorded_at,
  words_added,
  words_removed,
  title,
  previous_text as text_before,
  text as text_after,
  published_text_before,
  published_text as published_text_after,
  version_number,
  previous_version_key,
  version_key,
  ref,
  source_key
from (
  select
    *,
    lag(text) over document as previous_text,
    lag(published_text) over document as published_text_before
  from versions
  window document as (partition by document_key order by version_number)
)
where version_number > 1;

comment on view changes is 'One row: one change of one document: a version that is not its first.';
comment on column changes.document_key is 'The document, see documents.';
comment on column changes.cause is 'Why it changed: see terms, list cause.';
comment on column changes.is_silent is 'True where the words changed and the publisher''s own date line did not; null where the form shows no date line.';
comment on column changes.changed_after is 'It changed after this: the last capture that still had the words before; null if no capture of them has a known time.';
comment on column changes.changed_before is 'It changed before this: the first capture of the new words, or when that was recorded.';
comment on column changes.recorded_at is 'When the archive recorded the new words (UTC).';
comment on column changes.words_added is 'Words that the text before lacks.';
comment on column changes.words_removed is 'Words of the text before that are gone.';
comment on column changes.title is 'Title or headline after the change.';
comment on column changes.text_before is 'The words before.';
comment on column changes.text_after is 'The words after.';
comment on column changes.published_text_before is 'The date line before, as printed.';
comment on column changes.published_text_after is 'The date line after, as printed.';
comment on column changes.version_number is 'Number of the new version; moves when older captures come in.';
comment on column changes.previous_version_key is 'The version before, see versions.';
comment on column changes.version_key is 'The version after, see versions.';
comment on column changes.ref is 'Short name of the version after, to cite.';
comment on column changes.source_key is 'The source whose capture shows it.';
