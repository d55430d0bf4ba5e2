-- One row: one post whose channel and id are known.
create or replace view store.post as
select
  document_key,
  split_part(document_key, ':', 2)::bigint as channel_id,
  split_part(document_key, ':', 3)::bigint as message_id
from store.document
where document_key like 'telegram:%';
