-- Add the versions of one slice of the documents.
insert into store.computed_version
select *
from store.version_in('store.look')
order by document_key, spell_number;
