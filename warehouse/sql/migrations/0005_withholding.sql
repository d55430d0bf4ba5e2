-- What was taken out of the archive: the one way out of it. Hashes, folds and places stay.

-- What one withholding takes out of one blob.
create table store.withholding (
  withholding_key varchar not null,
  asked varchar not null, -- the ref or the key of the capture that a person named
  who varchar not null,
  why varchar not null,
  raw_sha256 blob not null,
  byte_ranges varchar not null, -- from-to, exclusive, parted by spaces; 'all': the whole of it
  content_sha256s varchar not null, -- of the words, hexadecimal, parted by spaces; they are taken out wherever they come in
  leaves varchar not null, -- rejections whose words went too: key:hash of the leaf as it was, parted by spaces
  recorded_at timestamptz not null,
  append_number integer not null
);

-- Not null where the words went: SHA-256 of those that histories are compared by.
alter table store.content add column withheld struct(title varchar, media_names varchar, service_detail varchar);

alter table store.description add column is_withheld boolean; -- true where its words went
