-- When a document is due to be looked at again. One that stands unchanged is due after half of the time for which it has
-- stood so, at least 6 hours and at most 30 days: new documents are looked at most often. A failed look brings the next ones
-- forward to a day apart, until the document is gone; then after half of the time for which it has been gone, at least a day.
-- In:  when it was last looked at, since when it stands as it is, the first and the last failed look since it was last seen
-- (null for none), whether it is gone, and when it was last asked for, whatever came of that: it isn't asked for within 6 hours.
-- noqa: disable=layout.indent
create or replace macro store.next_look(last_look_at, stands_since, failed_from, failed_to, gone, last_asked_at) as
  greatest(
    case
      when failed_to is null
        then last_look_at + least(greatest((last_look_at - stands_since) / 2, interval 6 hours), interval 30 days)
      when not gone then failed_to + interval 24 hours
      else failed_to + least(greatest((failed_to - failed_from) / 2, interval 24 hours), interval 30 days)
    end,
    last_asked_at + interval 6 hours
  );
