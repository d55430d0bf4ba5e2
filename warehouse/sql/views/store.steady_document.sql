-- One row: one document that every look shows, in the same words, and whose looks are all of known time or all of unknown
-- time. It has one version, which needs no comparison of looks; nearly all documents are so.
create or replace view store.steady_document as
select document_key
from store.look
group by document_key
having
  not bool_or(is_absence)
  and min(content_sha256) = max(content_sha256)
  and count(captured_at) in (0, count(*));
