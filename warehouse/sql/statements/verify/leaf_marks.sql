-- In:  $append_number.
-- Out: the beginnings of the hashes of its leaves as they were appended, stretch by stretch.
select marks
from store.leaf_mark
where append_number = $append_number
order by part;
