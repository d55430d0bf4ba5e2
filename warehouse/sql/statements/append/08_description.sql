-- Append the descriptions that are not held yet, each once: chosen by
-- their places, so that their words are held by no hash table.
insert into store.description by name
select
  description_sha256,
  published_at,
  published_basis,
  headline,
  lang,
  languages_available,
  kind,
  kind_basis,
  speakers,
  event_text,
  event_place,
  hashtags,
  flags,
  is_excerpt,
  has_media_placeholder,
  passage_roles,
  passage_speakers,
  furniture,
  notices,
  passage_names,
  passage_outlets,
  passage_blocks,
  media_details,
  post_kind,
  author,
  is_edited,
  edited_at,
  reply_to,
  album,
  origin_at,
  channel_username,
  channel_title,
  service_printed,
  local_time,
  buttons,
  address,
  site_number,
  section,
  contents,
  matched,
  getvariable('append_number') as append_number
from staged_description
semi join (
  select min(place) as place
  from staged_description
  anti join store.description using (description_sha256)
  group by description_sha256
) as chosen using (place);
