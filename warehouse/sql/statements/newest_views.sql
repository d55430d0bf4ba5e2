-- Out: the checksum of the view files that the archive's views were made of, newest first.
select sha256
from migration.applied
where number = 0
order by applied_at desc
limit 1;
