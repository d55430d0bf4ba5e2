-- A text in which marks of one meaning have one shape, for searching only: quotes and apostrophes are ', dashes are -,
-- an ellipsis is three dots, spaces are plain; soft hyphens and what else has no width are dropped.
-- noqa: disable=layout.indent
create or replace macro store.plain_marks(printed) as
  replace(
    translate(
      printed,
      '‘’‚‛`´ʼ′“”„‟″«»‹›"‐‑‒–—―−' || chr(9) || chr(160) || chr(8199) || chr(8201) || chr(8202) || chr(8239)
      || chr(173) || chr(8203) || chr(8204) || chr(8205) || chr(8206) || chr(8207) || chr(8288) || chr(65039) || chr(65279),
      '''''''''''''''''''''''''''''''''''''-------      '
    ),
    '…',
    '...'
  );
