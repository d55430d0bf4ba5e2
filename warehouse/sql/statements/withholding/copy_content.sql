-- Into the new file `anew`: all words but those that were withheld, of which hashes and folds stay.
insert into anew.store.content by name
select
  content.* replace (
    case when withheld_content.content_sha256 is null then content.title end as title,
    case when withheld_content.content_sha256 is null then content.text else '' end as text,
    case when withheld_content.content_sha256 is null then content.forwarded_from end as forwarded_from,
    case when withheld_content.content_sha256 is null then content.links end as links,
    case
      when withheld_content.content_sha256 is null then content.media
      else list_transform(content.media, lambda one: { 'kind': one.kind, 'name': null::varchar })
    end as media,
    case when withheld_content.content_sha256 is null then content.media_names end as media_names,
    case when withheld_content.content_sha256 is null then content.poll end as poll,
    case when withheld_content.content_sha256 is null then content.service_detail end as service_detail,
    case
      when content.withheld is not null then content.withheld
      when withheld_content.content_sha256 is not null
        then {
          'title': sha256(content.title),
          'media_names': sha256(content.media_names),
          'service_detail': sha256(content.service_detail)
        }
    end as withheld
  )
from store.content as content
left join store.withheld_content as withheld_content using (content_sha256);
