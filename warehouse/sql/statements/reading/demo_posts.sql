-- In:  $source_key and $most.
-- Out: the words of the first posts of a source, in the order in which it has them.
select text
from posts
where source_key = $source_key and word_count > 0
order by position_in_source
limit $most;
