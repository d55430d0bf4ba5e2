-- In:  taken_record.
-- Out: the descriptions under another title of their channel, spelled as their hash is taken of them, in four parts: the
--      plain values as JSON, the richer ones above the title, the title, those below it. The check
--      descriptions_have_their_hash spells them in the same way; one that it is not so simple for (escapes of control
--      characters) comes out with another hash than it has, which is how the caller knows.
select
  description_sha256,
  encode('[' || concat_ws(
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
  ) || ']') as plain,
  encode(
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
    || store.field(channel_username)
  ) as above,
  channel_title,
  encode(
    store.field(service_printed)
    || store.field(local_time)
    || store.list_field(list_transform(buttons, lambda one: store.field(one.text) || store.field(one.address)))
    || store.field(address)
    || store.field(site_number)
    || store.field(section)
    || store.list_field(contents)
    || store.list_field(matched)
  ) as below
from store.description
semi join (
  select description_sha256
  from taken_record
  where is_renamed
) using (description_sha256);
