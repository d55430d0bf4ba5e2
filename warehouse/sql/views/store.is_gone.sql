-- True where failed looks, none of them followed by a sighting, show that a document is gone: two complete looks, or three
-- looks of any kind over at least 48 hours.
-- In:  a list of structs with `kind` (complete_look, missing) and `looked_at`, each at another instant; null for none.
-- noqa: disable=layout.indent
create or replace macro store.is_gone(looks) as
  coalesce(
    len(list_filter(looks, lambda look: look.kind = 'complete_look')) >= 2
    or (
      len(looks) >= 3
      and list_max(list_transform(looks, lambda look: look.looked_at))
      - list_min(list_transform(looks, lambda look: look.looked_at)) >= interval 48 hours
    ),
    false
  );
