-- In:  the variables `key_from` and `key_until`, see slices.sql.
-- Add the versions of one slice of the documents: memory doesn't grow with the archive.
create or replace table store.look as
select *
from sorted_look
where
  document_key >= getvariable('key_from')
  and (getvariable('key_until') is null or document_key < getvariable('key_until')::varchar);

insert into store.computed_version
select *
from store.version_in('store.look')
order by document_key, spell_number;
