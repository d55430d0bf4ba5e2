-- In:  taken_record.
-- Out: the descriptions under another title of their channel, spelled as their hash is taken of them, in four parts. One
--      that JSON spells otherwise here (escapes of control characters) comes out with another hash than it has, which is
--      how the caller knows.
select
  description_sha256,
  encode(plain) as plain,
  encode(above) as above,
  channel_title,
  encode(below) as below
from store.spelled_description
semi join (
  select description_sha256
  from taken_record
  where is_renamed
) using (description_sha256);
