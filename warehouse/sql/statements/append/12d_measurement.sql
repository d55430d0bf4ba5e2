-- Append the counts that these readings show.
insert into store.measurement by name
select
  extraction_key,
  position,
  views,
  views_are_rounded,
  forwards,
  replies,
  reactions,
  poll_votes,
  poll_voters,
  getvariable('append_number') as append_number
from new_reading
where
  views is not null
  or forwards is not null
  or replies is not null
  or reactions is not null
  or poll_votes is not null
  or poll_voters is not null
order by
  extraction_key,
  position;
