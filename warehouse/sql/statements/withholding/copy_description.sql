-- In:  due_description.
-- Into the new file `anew`: all descriptions; those of withheld words keep dates, kinds and numbers, and no words.
insert into anew.store.description by name
select
  description.* replace (
    case when due.description_sha256 is null then description.headline end as headline,
    case when due.description_sha256 is null then description.speakers else [] end as speakers,
    case when due.description_sha256 is null then description.event_text end as event_text,
    case when due.description_sha256 is null then description.event_place end as event_place,
    case when due.description_sha256 is null then description.hashtags else [] end as hashtags,
    case when due.description_sha256 is null then description.flags else [] end as flags,
    case when due.description_sha256 is null then description.passage_speakers end as passage_speakers,
    case when due.description_sha256 is null then description.passage_names end as passage_names,
    case when due.description_sha256 is null then description.passage_outlets end as passage_outlets,
    case when due.description_sha256 is null then description.furniture else [] end as furniture,
    case
      when due.description_sha256 is null then description.notices
      else list_transform(description.notices, lambda one: { 'code': one.code, 'detail': '' })
    end as notices,
    case when due.description_sha256 is null then description.media_details end as media_details,
    case when due.description_sha256 is null then description.author end as author,
    case when due.description_sha256 is null then description.service_printed end as service_printed,
    case when due.description_sha256 is null then description.buttons end as buttons,
    case when due.description_sha256 is null then description.contents end as contents,
    case when due.description_sha256 is null then description.is_withheld else true end as is_withheld
  )
from store.description as description
left join due_description as due using (description_sha256);
