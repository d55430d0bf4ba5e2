-- One row: one capture that shows all posts of a channel within a stretch of ids, see store.complete_look_at.
create or replace view store.complete_look as
select *
from store.complete_look_at(2147483647);
