-- Append the names of channels that are not known yet.
insert into store.alias by name
select
  shown.channel_id,
  shown.username,
  shown.title,
  min(shown.extraction_key) as extraction_key,
  getvariable('append_number') as append_number
from (
  select distinct
    split_part(new_reading.document_key, ':', 2)::bigint as channel_id,
    description.channel_username as username,
    description.channel_title as title,
    new_reading.extraction_key
  from new_reading
  inner join store.description as description using (description_sha256)
  where
    new_reading.document_key like 'telegram:%'
    and coalesce(description.channel_username, description.channel_title) is not null
) as shown
anti join store.alias as known
  on
    shown.channel_id = known.channel_id
    and shown.username is not distinct from known.username
    and shown.title is not distinct from known.title
group by
  shown.channel_id,
  shown.username,
  shown.title
order by all;
