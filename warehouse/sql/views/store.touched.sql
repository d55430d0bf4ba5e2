-- One row: one document and the appends that touched its history first and last, see store.touched_in.
create or replace view store.touched as
select *
from store.touched_in('store.look');
