-- One row: one username that only one channel is known to have borne, and that channel's number. Forms pair them, and so
-- does the registry.
create or replace view store.channel as
select
  username,
  min(channel_id) as channel_id
from (
  select
    username,
    channel_id
  from store.alias
  where username is not null
  union all
  select
    channel as username,
    channel_id
  from store.source
  where channel is not null and channel_id is not null
)
group by username
having count(distinct channel_id) = 1;
