-- In:  $document_key.
-- Out: the document in its current state, in one row.
select *
from documents
where document_key = $document_key;
