-- In:  $document_key and $ref.
-- Out: the newest version of the document that has this ref, in one row.
select *
from versions
where document_key = $document_key and ref = $ref
order by version_number desc
limit 1;
