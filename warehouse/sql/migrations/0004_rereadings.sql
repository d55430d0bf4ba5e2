-- What was read again from the raw store, and what that made of rejections.

-- One look whose bytes were read again in one append, in the place of what was read of them before.
create table store.reread (
  capture_key varchar not null,
  cause varchar not null, -- newer_version, newer_bytes, retry
  hints varchar not null, -- by what they were read of what a source's row may say, as JSON without what is not known
  append_number integer not null
);

-- What a later reading of the same bytes makes of a rejection, once for each.
create table store.answer (
  rejection_key varchar not null,
  extraction_key varchar not null,
  outcome varchar not null, -- read, rejected, passed_over
  append_number integer not null
);
