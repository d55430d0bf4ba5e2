-- In:  $document_key; $ref, null for the current version.
-- Out: one row where the words of the version, or of the ref, were withheld: its ref, when, by whom and why.
select
  ref.ref,
  withheld.withheld_at,
  withheld.who,
  withheld.why
from store.ref as ref
inner join store.withheld_content as withheld using (content_sha256)
where
  ref.document_key = $document_key
  and ref.ref = coalesce(
    $ref,
    (
      select any_value(version.ref)
      from store.version as version
      where version.document_key = $document_key and version.is_current
    )
  )
order by ref.ref
limit 1;
