-- The hash of every text is that of the text.
-- Looked at with everything else, and not with every append: its texts were hashed a moment before.
select
  lower(hex(content_sha256)) as content_sha256,
  left(text, 60) as text
from store.content
where getvariable('since_append') = 0 and sha256(text) <> lower(hex(text_sha256));
