-- The hash of every text is that of the text, and the hash of all words as read that of the facets that are there.
-- Looked at with everything else, and not with every append: they were hashed a moment before.
with facet as (
  select
    content_sha256,
    text,
    text_sha256,
    store.field('content/1') || store.field(medium) as head,
    [
      { 'name': 'document_number', 'value': document_number },
      { 'name': 'forwarded_from', 'value': forwarded_from },
      { 'name': 'published_text', 'value': published_text },
      { 'name': 'text', 'value': text },
      { 'name': 'title', 'value': title },
      {
        'name': 'links',
        'value': array_to_string(list_transform(links, lambda one: store.field(one.text) || store.field(one.address)), '')
      },
      {
        'name': 'media',
        'value': array_to_string(list_transform(media, lambda one: store.field(one.kind) || store.field(one.name)), '')
      },
      { 'name': 'poll', 'value': array_to_string(list_transform(poll, lambda one: store.field(one)), '') },
      {
        'name': 'origin',
        'value': case
          when coalesce(origin_channel, origin_message_id::varchar) is not null
            then store.field(origin_channel) || store.field(origin_message_id)
        end
      },
      {
        'name': 'service',
        'value': case
          when coalesce(service_action, service_detail) is not null
            then store.field(service_action) || store.field(service_detail)
        end
      }
    ] as facets
  from store.content
  where getvariable('since_append') = 0
)

select
  lower(hex(content_sha256)) as content_sha256,
  left(text, 60) as text
from facet
where
  sha256(text) <> lower(hex(text_sha256))
  or sha256(
    head
    || array_to_string(
      list_transform(
        list_filter(facets, lambda one: one.value is not null),
        lambda one: store.field(one.name) || store.field(one.value)
      ),
      ''
    )
  ) <> lower(hex(content_sha256));
