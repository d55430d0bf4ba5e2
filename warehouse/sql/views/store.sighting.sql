-- One row: one document as one capture shows it, by the newest extraction of the captured bytes for its source.
create or replace view store.sighting as
select *
from store.sighting_at(2147483647);
