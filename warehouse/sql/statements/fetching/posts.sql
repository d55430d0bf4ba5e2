-- In:  fetched_document; $channel_id.
-- Out: the posts of a channel, the newest first.
select
  post.document_key,
  post.message_id,
  document.failed_count,
  document.is_gone,
  document.last_look_at,
  document.due_at
from fetched_document as document
inner join store.post as post using (document_key)
where post.channel_id = $channel_id and post.message_id > 0
order by post.message_id desc;
