-- In the read copy: the looks of all documents in the order of their keys; a table in the place of the view store.touched, and
-- an empty one in that of each of the views store.look and store.version. Looks stand in a table since, planned over their
-- union, the windows of the history take DuckDB 1.5 half a second on an archive of any size.
create or replace temporary table sorted_look as
select *
from store.look
order by document_key;

create table store.computed_touched as
select *
from store.touched_in('sorted_look')
order by document_key;

drop view store.touched;

alter table store.computed_touched rename to touched;

drop view store.look;

create table store.look as
select *
from sorted_look
where false;

create table store.computed_version as
select *
from store.version
where false;
