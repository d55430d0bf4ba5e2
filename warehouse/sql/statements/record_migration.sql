-- In: what was applied, and when by which code.
insert into migration.applied (number, name, sha256, applied_at, code_version)
values ($number, $name, $sha256, $applied_at, $code_version);
