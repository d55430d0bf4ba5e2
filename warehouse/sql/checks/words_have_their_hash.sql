-- The hash of every text is that of the text, and the hash of the words that of the words.
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
      || case when document_number is not null then store.field('document_number') || store.field(document_number) else '' end
      || case when forwarded_from is not null then store.field('forwarded_from') || store.field(forwarded_from) else '' end
      || case when published_text is not null then store.field('published_text') || store.field(published_text) else '' end
      || store.field('text')
      || store.field(text)
      || case when title is not null then store.field('title') || store.field(title) else '' end
    ) <> lower(hex(content_sha256))
  );
