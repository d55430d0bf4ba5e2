-- One row: one post whose channel and id are known.
create or replace view store.post as
select
  document_key,
  try_cast(split_part(document_key, ':', 2) as bigint) as channel_id,
  try_cast(split_part(document_key, ':', 3) as bigint) as message_id
from store.document
where document_key like 'telegram:%';
