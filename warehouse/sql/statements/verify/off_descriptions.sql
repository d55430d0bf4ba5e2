-- Out: the descriptions that differ from what was read again in anything, as JSON; their hashes are compared elsewhere.
-- Both sides have the columns of what is staged, in its order.
with again as (
  select distinct on (description_sha256) * exclude (place)
  from staged_description
),

held as (
  select *
  from again
  where false
  union all by name
  select * exclude (append_number, is_withheld)
  from store.description
)

select
  lower(hex(held.description_sha256)) as named,
  to_json(held)::varchar as found,
  to_json(again)::varchar as expected
from held
inner join again on held.description_sha256 = again.description_sha256
where held is distinct from again
order by held.description_sha256
limit 1000;
