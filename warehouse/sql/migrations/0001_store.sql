-- The tables beneath the views. Every row but those of runs and snapshots belongs to one append and is never changed.
-- Hashes are SHA-256 as 32 bytes; folds are its first 16. Instants are UTC, days are the publisher's.

create schema store;

-- One field laid end to end with others before hashing: length in bytes, colon, bytes; a missing one is "~".
-- The same as extract.fields.laid_out, which writes it for contents.
create macro store.field(x) as case when x is null then '~' else strlen(x::varchar) || ':' || x::varchar end;

create macro store.instant_field(x) as store.field(epoch_us(x));
create macro store.hash_field(x) as store.field(lower(hex(x)));

-- One execution.
create table store.run (
  run_key varchar not null,
  command varchar not null, -- ingest, rebuild
  started_at timestamptz not null,
  code_version varchar not null,
  host varchar not null,
  pid integer not null
);

-- What became of a run; a run without one was cut off, and the next run adds it.
create table store.run_end (
  run_key varchar not null,
  ended_at timestamptz not null,
  outcome varchar not null, -- completed, failed, interrupted
  sources struct(
    source_key varchar,
    input_count bigint,
    read_count bigint,
    appended_count bigint,
    unchanged_count bigint,
    rejected_count bigint,
    errors varchar[]
  )[] not null
);

-- One append transaction: the unit of visibility and of the chain.
create table store.append (
  append_number integer not null,
  batch_key varchar not null,
  run_key varchar not null,
  recorded_at timestamptz not null, -- never goes back
  leaf_version integer not null,
  leaf_count bigint not null,
  merkle_root blob not null,
  previous_head blob, -- null for the first
  head blob not null
);

-- One state of one row of the registry; the newest counts.
create table store.source (
  source_key varchar not null,
  format varchar,
  locator varchar,
  publisher varchar,
  channel varchar,
  language varchar,
  time_zone varchar,
  encoding varchar,
  coverage varchar not null,
  captured_at timestamptz,
  minimum bigint,
  maximum bigint,
  note varchar,
  recorded_at timestamptz not null,
  append_number integer not null
);

-- Bytes that came in, kept in the raw store under their hash.
create table store.blob (
  raw_sha256 blob not null,
  size_bytes bigint not null,
  blocks_root blob not null, -- Merkle root over blocks of 64 KiB
  append_number integer not null
);

-- One look at a locator: facts of transport.
create table store.capture (
  capture_key varchar not null,
  source_key varchar not null,
  locator varchar not null,
  captured_via varchar not null, -- file
  captured_at timestamptz, -- null: not known
  captured_basis varchar not null, -- operator, registry, unknown
  raw_sha256 blob not null,
  recorded_at timestamptz not null,
  recorded_order integer not null, -- within one instant of recording
  append_number integer not null
);

-- What one capture claims to show of its source.
create table store.coverage (
  capture_key varchar not null,
  claim varchar not null, -- complete, sample, unknown
  claim_basis varchar not null, -- registry, none
  append_number integer not null
);

-- One reading of a blob by one version of one extractor, for one source.
create table store.extraction (
  extraction_key varchar not null,
  raw_sha256 blob not null,
  source_key varchar not null,
  format varchar, -- null: no format claims it
  extractor_version integer not null,
  cleaning_version integer not null,
  outcome varchar not null, -- read, partial, failed
  record_count bigint not null,
  rejection_count bigint not null,
  told_at timestamptz, -- the newest instant that the bytes tell
  append_number integer not null
);

-- The publisher's words as read, once for each hash.
create table store.content (
  content_sha256 blob not null,
  medium varchar not null,
  title varchar, -- of a page
  text varchar not null,
  text_sha256 blob not null,
  letters_sha256 blob, -- fold: letters and digits only; null where nothing shows that the text is whole
  spaced_sha256 blob, -- fold: white space as single spaces
  carries_paragraphs boolean not null,
  published_text varchar,
  document_number varchar,
  forwarded_from varchar,
  word_count integer not null,
  append_number integer not null
);

-- What an extractor makes of the words, once for each hash.
create table store.description (
  description_sha256 blob not null,
  published_at timestamptz,
  published_basis varchar,
  headline varchar, -- of a post: its first line with words
  lang varchar,
  languages_available varchar[] not null,
  kind varchar not null,
  kind_basis varchar not null,
  speakers varchar[] not null,
  event_text varchar,
  event_place varchar,
  hashtags varchar[] not null,
  flags varchar[] not null,
  is_excerpt boolean not null,
  has_media_placeholder boolean not null,
  passage_roles varchar[] not null, -- one for each line of the text
  passage_speakers varchar[], -- likewise; null where no line has one
  furniture varchar[] not null,
  notices struct(code varchar, detail varchar)[] not null,
  append_number integer not null
);

-- One record of one extraction: which bytes are which document.
create table store.reading (
  extraction_key varchar not null,
  position integer not null, -- from 1, in the order of the bytes
  byte_from bigint not null,
  byte_to bigint not null, -- exclusive
  document_key varchar not null,
  content_sha256 blob not null,
  description_sha256 blob not null,
  event_from date,
  event_to date,
  event_basis varchar,
  published_after date, -- bounds of the day of publication
  published_before date,
  append_number integer not null
);

-- One thing published once, in one language.
create table store.document (
  document_key varchar not null,
  key_is_strong boolean not null, -- made of the publisher's id
  medium varchar not null,
  append_number integer not null
);

-- A record or an input that could not be read.
create table store.rejection (
  rejection_key varchar not null,
  source_key varchar not null,
  locator varchar not null,
  raw_sha256 blob, -- null: there were no bytes
  extraction_key varchar, -- null: it was not read
  byte_from bigint, -- null: the whole input
  byte_to bigint,
  reason varchar not null,
  found varchar not null,
  expected varchar not null,
  remedy varchar not null,
  excerpt varchar not null,
  recorded_at timestamptz not null,
  append_number integer not null
);

-- A citable name, issued once and kept in the ledger beside the raw store.
create table store.ref (
  ref varchar not null,
  document_key varchar not null,
  content_sha256 blob not null,
  raw_sha256 blob not null,
  byte_from bigint not null,
  byte_to bigint not null,
  append_number integer not null
);

-- One export of the views.
create table store.snapshot (
  snapshot_key varchar not null,
  taken_at timestamptz not null,
  head blob not null,
  manifest_sha256 blob not null
);

-- What became of one input of one append; read = appended + unchanged + rejected.
create table store.intake (
  source_key varchar not null,
  locator varchar not null,
  capture_key varchar, -- null: there was nothing to capture
  read_count bigint not null,
  appended_count bigint not null, -- records that add a version
  unchanged_count bigint not null, -- records that say what was known
  rejected_count bigint not null,
  append_number integer not null
);
