-- In: one link of the chain.
insert into store.append (
  append_number, batch_key, run_key, recorded_at, leaf_version, leaf_count, merkle_root, previous_head, head
)
values (
  $append_number, $batch_key, $run_key, $recorded_at, $leaf_version, $leaf_count, $merkle_root, $previous_head, $head
);
