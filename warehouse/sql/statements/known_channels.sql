-- Out: the usernames that lead to one channel, each with the channel's number.
select
  username,
  channel_id
from store.channel;
