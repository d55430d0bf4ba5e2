-- In:  $document_key and $ref.
-- Out: the words that a ref names.
select content_sha256
from store.ref
where document_key = $document_key and ref = $ref;
