-- In:  $batch_key.
-- Out: a row where the archive holds the batch.
select append_number
from store.append
where batch_key = $batch_key;
