-- One row: one blob as it is read now for one source, see store.newest_extraction_at.
create or replace view store.newest_extraction as
select *
from store.newest_extraction_at(2147483647);
