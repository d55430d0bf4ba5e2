-- In:  taken_record; renamed, descriptions by their hashes, old and new.
-- Out: where the records that are taken over begin, in that order, and the newest instant of publication among them.
select
  byte_from,
  max(published_at) over () as told_at
from taken_record
left join renamed using (description_sha256)
where not is_renamed or renamed_sha256 is not null
order by byte_from;
