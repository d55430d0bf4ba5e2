-- One row: the words of one hash as they are hashed: the medium, and each facet that the form carries with its name, in the
-- order in which they are laid end to end. Lists are laid out themselves. The text stands beside them with its own hash.
create or replace view store.facet as
select
  content_sha256,
  medium,
  text,
  text_sha256,
  list_filter(
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
    ],
    lambda one: one.value is not null
  ) as facets
from store.content;
