-- Out: one row for each username that leads to one channel, and that channel's number.
select
  username,
  channel_id
from store.channel;
