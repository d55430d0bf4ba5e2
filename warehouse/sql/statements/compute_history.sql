-- In the read copy, put a table in the place of the view store.version. The looks stand in a table meanwhile: planned
-- over their union, the windows of the history take DuckDB 1.5 half a second on an archive of any size.
create table store.computed_look as
select *
from store.look;

drop view store.look;

alter table store.computed_look rename to look;

create table store.computed_version as
select *
from store.version
order by document_key, spell_number;

drop view store.version;

alter table store.computed_version rename to version;

drop table store.look;
