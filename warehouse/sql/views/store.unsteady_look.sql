-- One row: one look at a document that is not steady.
create or replace view store.unsteady_look as
select *
from store.look
anti join store.steady_document using (document_key);
