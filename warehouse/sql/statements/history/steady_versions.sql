-- Add the versions of one slice of the documents, all of which are steady.
insert into store.computed_version
select *
from store.steady_version_in('store.look')
order by document_key;
