-- Whether two texts differ, where in the place of one that was withheld stands `withheld` and its SHA-256; null where one
-- is null. Hashed is only where one was withheld and the other not.
-- noqa: disable=layout.indent
create or replace macro store.differ(one, other) as
  case
    when one = other then false
    when starts_with(one, 'withheld ') and not starts_with(other, 'withheld ') then one <> 'withheld ' || sha256(other)
    when starts_with(other, 'withheld ') and not starts_with(one, 'withheld ') then other <> 'withheld ' || sha256(one)
    else one <> other
  end;
