-- Out: one row for each migration applied.
select
  number,
  name,
  sha256
from migration.applied
where number > 0;
