-- Out: the words that differ from what was read again in anything, as JSON; their hashes are compared elsewhere.
-- Both sides have the columns of what is staged, in its order.
with again as (
  select distinct on (content_sha256) * exclude (place)
  from staged_content
),

held as (
  select *
  from again
  where false
  union all by name
  select * exclude (append_number, withheld)
  from store.content
)

select
  lower(hex(held.content_sha256)) as named,
  to_json(held)::varchar as found,
  to_json(again)::varchar as expected
from held
inner join again on held.content_sha256 = again.content_sha256
where held is distinct from again
order by held.content_sha256
limit 1000;
