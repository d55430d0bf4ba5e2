-- The migrator's own bookkeeping: which files made this archive.
create schema if not exists migration;

create table if not exists migration.applied (
  number integer not null, -- 0: the views as a whole
  name varchar not null,
  sha256 varchar not null,
  applied_at timestamptz not null,
  code_version varchar not null
);
