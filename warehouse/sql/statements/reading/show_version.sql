-- In:  $document_key and $ref.
-- Out: the newest version of the document that has this ref, in one row; where another form's words stand for those of the
--      ref, the newest version of all.
select *
from versions
where document_key = $document_key
order by
  ref = $ref desc,
  version_number desc
limit 1;
