-- One row: one document in its current state, with the hash of its letters.
create or replace view store.current_document as
select *
from store.document_in('store.version', 2147483647);
