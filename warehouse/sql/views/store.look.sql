-- One row: one look at one document, which shows it or should have shown it and does not.
create or replace view store.look as
select *
from store.look_at(2147483647);
