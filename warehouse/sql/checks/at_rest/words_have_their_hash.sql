-- The hash of every text is that of the text, and the hash of all words as read that of the facets that are there.
-- Of what was withheld the hashes alone are there.
select
  lower(hex(content_sha256)) as content_sha256,
  left(text, 60) as text
from store.facet
where
  content_sha256 not in (select withheld_content.content_sha256 from store.withheld_content as withheld_content)
  and (
    sha256(text) <> lower(hex(text_sha256))
    or sha256(
      store.field('content/1')
      || store.field(medium)
      || array_to_string(list_transform(facets, lambda one: store.field(one.name) || store.field(one.value)), '')
    ) <> lower(hex(content_sha256))
  );
