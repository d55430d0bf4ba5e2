-- Append the documents that are not known yet.
insert into store.document by name
select
  new_reading.document_key,
  any_value(new_reading.key_is_strong) as key_is_strong,
  any_value(content.medium) as medium,
  getvariable('append_number') as append_number
from new_reading
anti join store.document using (document_key)
inner join staged_content as content using (content_sha256)
group by new_reading.document_key;
