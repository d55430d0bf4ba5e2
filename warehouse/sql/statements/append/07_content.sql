-- Append the words that are not held yet, each once: chosen by
-- their places, so that their words are held by no hash table.
insert into store.content by name
select
  content_sha256,
  medium,
  title,
  text,
  text_sha256,
  letters_sha256,
  spaced_sha256,
  carries_paragraphs,
  published_text,
  document_number,
  forwarded_from,
  word_count,
  links,
  links_sha256,
  media,
  media_kinds,
  media_names,
  origin_channel,
  origin_message_id,
  poll,
  poll_sha256,
  service_action,
  service_detail,
  getvariable('append_number') as append_number
from staged_content
semi join (
  select min(place) as place
  from staged_content
  anti join store.content using (content_sha256)
  group by content_sha256
) as chosen using (place);
