-- One row: one description, spelled as its hash is taken of it: the plain values as a JSON array in the order of the
-- columns, the richer ones laid end to end above the title of the channel, and those below it.
-- JSON escapes control characters otherwise here than in the code: whoever compares hashes of these must allow for it.
create or replace view store.spelled_description as
select
  description_sha256,
  headline,
  channel_title,
  is_withheld,
  '[' || concat_ws(
    ',',
    coalesce('"' || strftime(published_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%S') || 'Z"', 'null'),
    coalesce(to_json(published_basis)::varchar, 'null'),
    coalesce(to_json(headline)::varchar, 'null'),
    coalesce(to_json(lang)::varchar, 'null'),
    to_json(languages_available)::varchar,
    to_json(kind)::varchar,
    to_json(kind_basis)::varchar,
    to_json(speakers)::varchar,
    coalesce(to_json(event_text)::varchar, 'null'),
    coalesce(to_json(event_place)::varchar, 'null'),
    to_json(hashtags)::varchar,
    to_json(flags)::varchar,
    to_json(is_excerpt)::varchar,
    to_json(has_media_placeholder)::varchar,
    to_json(passage_roles)::varchar,
    coalesce(to_json(passage_speakers)::varchar, 'null'),
    to_json(furniture)::varchar,
    to_json(notices)::varchar
  ) || ']' as plain,
  store.list_field(passage_names)
  || store.list_field(passage_outlets)
  || store.list_field(passage_blocks)
  || store.list_field(
    list_transform(
      media_details,
      lambda one: store.field(one.kind)
      || store.field(one.name)
      || store.field(one.mime_type)
      || store.field(one.size_bytes)
      || store.field(one.address)
      || store.field(one.is_held)
      || store.field(one.width)
      || store.field(one.height)
      || store.field(one.duration_s)
      || store.field(one.caption)
    )
  )
  || store.field(post_kind)
  || store.field(author)
  || store.field(is_edited)
  || store.instant_field(edited_at)
  || store.field(reply_to)
  || store.field(album)
  || store.instant_field(origin_at)
  || store.field(channel_username) as above,
  store.field(service_printed)
  || store.field(local_time)
  || store.list_field(list_transform(buttons, lambda one: store.field(one.text) || store.field(one.address)))
  || store.field(address)
  || store.field(site_number)
  || store.field(section)
  || store.list_field(contents)
  || store.list_field(matched) as below
from store.description;
