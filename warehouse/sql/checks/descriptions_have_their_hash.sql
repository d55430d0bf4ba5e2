-- The hash of every description is that of its values, as a JSON array in the order of the columns; where it has values
-- that only richer forms carry, that of this hash and of them, laid end to end.
-- Of what was withheld the hash alone is there.
-- Looked at with everything else, and not with every append: they were hashed a moment before.
-- Escapes of control characters have their digits in lower case; an escaped backslash before one is none, so it steps
-- aside as a character that JSON never holds as it is.
with spelled as (
  select
    description_sha256,
    headline,
    concat_ws(
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
    ) as listed,
    (
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
      || store.field(channel_title)
      || store.field(service_printed)
      || store.field(local_time)
      || store.list_field(list_transform(buttons, lambda one: store.field(one.text) || store.field(one.address)))
      || store.field(address)
      || store.field(site_number)
      || store.field(section)
      || store.list_field(contents)
      || store.list_field(matched)
    ) as richer
  from store.description
  where getvariable('since_append') = 0 and is_withheld is null
),

lowered as (
  select
    description_sha256,
    headline,
    richer,
    replace(
      regexp_replace(
        regexp_replace(
          regexp_replace(
            regexp_replace(
              regexp_replace(
                regexp_replace(
                  replace(listed, '\\', chr(1)),
                  '\\u00([01])F',
                  '\\u00\1f',
                  'g'
                ),
                '\\u00([01])E',
                '\\u00\1e',
                'g'
              ),
              '\\u00([01])D',
              '\\u00\1d',
              'g'
            ),
            '\\u00([01])C',
            '\\u00\1c',
            'g'
          ),
          '\\u00([01])B',
          '\\u00\1b',
          'g'
        ),
        '\\u00([01])A',
        '\\u00\1a',
        'g'
      ),
      chr(1),
      '\\'
    ) as listed
  from spelled
)

select
  lower(hex(description_sha256)) as description_sha256,
  headline
from lowered
where
  case
    when richer = repeat('~', 21) then sha256('[' || listed || ']')
    else sha256(store.field('description/2') || store.field(sha256('[' || listed || ']')) || richer)
  end <> lower(hex(description_sha256));
