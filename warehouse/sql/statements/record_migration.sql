-- In: what was applied, and when by which code. The newest row is the last one, even where a clock was set back.
insert into migration.applied (number, name, sha256, applied_at, code_version)
select
  $number as number,
  $name as name,
  $sha256 as sha256,
  greatest($applied_at::timestamptz, max(applied_at) + interval 1 microsecond) as applied_at,
  $code_version as code_version
from migration.applied;
