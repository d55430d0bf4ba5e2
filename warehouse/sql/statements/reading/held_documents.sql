-- In:  $document_keys.
-- Out: those of them that the archive holds.
select document_key
from store.document
where list_contains($document_keys::varchar[], document_key);
