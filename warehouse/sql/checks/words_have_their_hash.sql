-- The hash of every text is that of the text, and the hash of all words as read that of the facets that are there.
-- Looked at with everything else, and not with every append: they were hashed a moment before.
select
  lower(hex(content_sha256)) as content_sha256,
  left(text, 60) as text
from store.content
where
  getvariable('since_append') = 0
  and (
    sha256(text) <> lower(hex(text_sha256))
    or sha256(
      store.field('content/1')
      || store.field(medium)
      || case when document_number is null then '' else store.field('document_number') || store.field(document_number) end
      || case when forwarded_from is null then '' else store.field('forwarded_from') || store.field(forwarded_from) end
      || case when published_text is null then '' else store.field('published_text') || store.field(published_text) end
      || store.field('text')
      || store.field(text)
      || case when title is null then '' else store.field('title') || store.field(title) end
    ) <> lower(hex(content_sha256))
  );
