-- Append the words that are not held yet, each once.
insert into store.content by name
select
  content_sha256,
  medium,
  title,
  text,
  text_sha256,
  letters_sha256,
  spaced_sha256,
  carries_paragraphs,
  published_text,
  document_number,
  forwarded_from,
  word_count,
  getvariable('append_number') as append_number
from staged_content
anti join store.content using (content_sha256)
qualify row_number() over (partition by content_sha256) = 1;
