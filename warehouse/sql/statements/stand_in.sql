-- In:  the variable `view_name`.
-- Out: an empty table store.stand_in with the columns of that view.
create table store.stand_in as
from query_table(getvariable('view_name'))
limit 0;
