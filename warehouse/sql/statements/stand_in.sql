-- In:  the variable `view_name`.
-- Out: an empty table store.stand_in with the columns of that view.
create table store.stand_in as
select *
from query_table(getvariable('view_name'))
where false;
