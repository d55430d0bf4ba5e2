-- In:  $source_key; $username.
-- Out: at most one row, the number of the channel that the source is expected to show under this username: the first that its own
--      captures showed, else the first that anything else paired with the name. A name may be taken over by another channel,
--      so that the newest says nothing. What the source's own row says is known to whoever asks.
with paired as (
  select
    channel_id,
    append_number
  from store.alias
  where username = $username
  union all
  select
    channel_id,
    append_number
  from store.source
  where channel = $username and channel_id is not null and source_key <> $source_key
),

named as (
  select
    channel_id,
    min(append_number) as append_number
  from paired
  group by channel_id
),

own as (
  select
    showing.channel_id,
    min(showing.append_number) as append_number
  from store.showing as showing
  inner join store.extraction as extraction using (extraction_key)
  where extraction.source_key = $source_key
  group by showing.channel_id
)

select named.channel_id
from named
left join own using (channel_id)
order by
  own.append_number nulls last,
  named.append_number,
  named.channel_id
limit 1;
