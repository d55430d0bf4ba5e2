-- In:  the variables `key_from` and `key_until`, see slices.sql.
-- Out: store.look, the looks at the documents of one slice: memory doesn't grow with the archive.
create or replace table store.look as
select *
from sorted_look
where
  document_key >= getvariable('key_from')
  and (getvariable('key_until') is null or document_key < getvariable('key_until')::varchar);
