-- One row: one new document, edit, removal, return or re-reading, as far as the archive knows now.
create or replace view changes as
from store.changes_in(0, 2147483647);

comment on view changes is 'One row: one new document, edit, removal, return or re-reading, as far as the archive knows now.';
comment on column changes.document_key is 'The document, see documents.';
comment on column changes.cause is 'What happened: see terms, list cause. Of an edit there was one at the least between the two looks.';
comment on column changes.is_silent is 'True for an edit that the publisher''s own date line or edit mark does not show; null where the form carries neither.';
comment on column changes.changed_after is 'It changed after this: the last capture that still had the state before; null if none of known time has it.';
comment on column changes.changed_before is 'It changed before this: the first look at the new state, or when it was recorded; the first failed look.';
comment on column changes.recorded_at is 'When the archive knew of it (UTC): the append that brought what was missing, which may be the state before.';
comment on column changes.run_key is 'The run of that append, see runs.';
comment on column changes.words_added is 'Words that the text before lacks.';
comment on column changes.words_removed is 'Words of the text before that are gone.';
comment on column changes.title is 'Title or headline after the change; of a removal, the last.';
comment on column changes.kind is 'What sort of document it is: see terms, list kind.';
comment on column changes.medium is 'page or post.';
comment on column changes.lang is 'Language of the text (ISO 639-1).';
comment on column changes.hashtags is 'Hashtags without #, each once, in the order of the text.';
comment on column changes.text_before is 'The words before; null for a new document.';
comment on column changes.text_after is 'The words after; null for a removal.';
comment on column changes.published_text_before is 'The date line before, as printed.';
comment on column changes.published_text_after is 'The date line after, as printed.';
comment on column changes.evidence is 'Of a removal: each look that should have shown the document and did not, see captures; kind as in terms, list absence_kind.';
comment on column changes.version_number is 'Number of the new version, of a removal that of the one removed; moves when older captures come in; null for a re-reading.';
comment on column changes.previous_version_key is 'The version before, see versions; null for a re-reading.';
comment on column changes.version_key is 'The version after, see versions; null for a removal and for a re-reading.';
comment on column changes.ref_before is 'Short name of the state before, to cite.';
comment on column changes.ref is 'Short name of the state after, to cite.';
comment on column changes.source_key is 'The source whose capture shows it.';
