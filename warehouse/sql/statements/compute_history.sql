-- In the read copy, put a table in the place of the view store.version.
create table store.computed_version as
select *
from store.version
order by document_key, spell_number;

drop view store.version;

alter table store.computed_version rename to version;
