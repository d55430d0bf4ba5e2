-- Each append follows the one before: numbers without a gap, and the head of the one as the previous head of the other.
select
  append_number,
  batch_key
from (
  select
    append_number,
    batch_key,
    previous_head,
    lag(append_number, 1, 0) over chain as previous_number,
    lag(head) over chain as expected_head
  from store.append
  window chain as (order by append_number)
)
where append_number <> previous_number + 1 or previous_head is distinct from expected_head;
