-- The hash of every description is that of its values, as a JSON array in the order of the columns; where it has values
-- that only richer forms carry, that of this hash and of them, laid end to end.
-- Of what was withheld the hash alone is there.
-- Escapes of control characters have their digits in lower case; an escaped backslash before one is none, so it steps
-- aside as a character that JSON never holds as it is.
with spelled as (
  select
    description_sha256,
    headline,
    plain as listed,
    above || store.field(channel_title) || below as richer
  from store.spelled_description
  where is_withheld is null
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
    when richer = repeat('~', 21) then sha256(listed)
    else sha256(store.field('description/2') || store.field(sha256(listed)) || richer)
  end <> lower(hex(description_sha256));
