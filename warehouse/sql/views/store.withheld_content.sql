-- One row: the hash of words that were withheld, and the first withholding that says so.
create or replace view store.withheld_content as
select
  unhex(hash) as content_sha256,
  min(recorded_at) as withheld_at,
  arg_min(who, recorded_at) as who,
  arg_min(why, recorded_at) as why
from (
  select
    unnest(string_split(content_sha256s, ' ')) as hash,
    recorded_at,
    who,
    why
  from store.withholding
)
where hash <> ''
group by hash;
