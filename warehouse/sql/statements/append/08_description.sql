-- Append the descriptions that are not held yet, each once.
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
  getvariable('append_number') as append_number
from staged_description
anti join store.description using (description_sha256)
qualify row_number() over (partition by description_sha256) = 1;
