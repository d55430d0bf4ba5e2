-- Out: one row for each look on which a removal rests: when it was, and the capture that lacks the post.
select
  removed.document_key,
  removed.look.looked_at,
  removed.look.kind,
  captures.locator
from (
  select
    document_key,
    unnest(evidence) as look
  from changes
  where cause = 'removed'
) as removed
inner join captures on removed.look.capture_key = captures.capture_key
order by
  removed.document_key,
  removed.look.looked_at;
