-- The head of each append is the SHA-256 of all of its link, the previous head with it.
select
  append_number,
  lower(hex(head)) as head
from store.append
where
  append_number >= getvariable('since_append')
  and lower(hex(head)) <> sha256(
    store.field('head/1')
    || store.field(append_number)
    || store.field(batch_key)
    || store.instant_field(recorded_at)
    || store.field(leaf_version)
    || store.field(leaf_count)
    || store.hash_field(merkle_root)
    || store.hash_field(previous_head)
  );
