-- The day of an instant of publication. Days are the publisher's: those of its pages in the zone of the site, those of posts in
-- Moscow, wherever they were exported.
-- In:  the instant, the medium, the zone of the source or null.
-- noqa: disable=layout.indent
create or replace macro store.published_day(instant, medium, zone) as
  (instant at time zone case when medium = 'page' then coalesce(zone, 'Europe/Moscow') else 'Europe/Moscow' end)::date;
