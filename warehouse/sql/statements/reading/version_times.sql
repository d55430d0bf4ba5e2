-- In:  $document_key.
-- Out: one row for each version of the document, the first one first: from when on it holds, from when to when it was
--      seen, the first look after that did not have it, and whether such looks are enough to say that it was gone.
select
  versions.version_key,
  versions.ref,
  versions.valid_from,
  versions.seen_from,
  versions.seen_until,
  version.failed_looks[1].looked_at as missed_from,
  store.is_gone(version.failed_looks) as is_gone
from versions
inner join store.version as version
  on
    versions.document_key = version.document_key
    and versions.version_number = version.spell_number
where versions.document_key = $document_key and version.document_key = $document_key
order by versions.version_number;
