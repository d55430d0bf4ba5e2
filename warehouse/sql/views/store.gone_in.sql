-- The number of the append after which the archive knew that a document is gone (store.is_gone); null where it is not.
-- In:  a list of structs with `kind`, `looked_at` and `append_number`; null for none.
-- noqa: disable=layout.indent
create or replace macro store.gone_in(looks) as
  list_filter(
    list_sort(list_distinct(list_transform(looks, lambda look: look.append_number))),
    lambda number: store.is_gone(list_filter(looks, lambda look: look.append_number <= number))
  )[1];
