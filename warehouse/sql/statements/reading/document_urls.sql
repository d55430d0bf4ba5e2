-- In:  $document_keys.
-- Out: one row for each of these documents whose address is known: of a page where it was found, of a post under the
--      username of its channel, where only one is known.
with username as (
  select
    channel_id,
    min(username) as username
  from store.channel
  group by channel_id
  having count(*) = 1
)

select
  documents.document_key,
  coalesce(
    documents.url,
    'https://t.me/' || username.username || '/' || split_part(documents.document_key, ':', 3)
  ) as url
from documents
left join username
  on
    documents.medium = 'post'
    and documents.key_is_strong
    and split_part(documents.document_key, ':', 2) = username.channel_id::varchar
where
  list_contains($document_keys::varchar[], documents.document_key)
  and coalesce(documents.url, username.username) is not null;
