-- Out: the batches that the archive holds.
select batch_key
from store.append;
