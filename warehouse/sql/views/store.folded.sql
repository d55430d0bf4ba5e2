-- A text for comparing quotations: composed, its marks in one shape, on one line with single spaces, none around a dash.
-- Case is kept. Only what has marks to be composed is composed, which takes three quarters of the time otherwise.
-- noqa: disable=layout.indent
create or replace macro store.folded(printed) as
  trim(
    replace(
      replace(
        regexp_replace(
          store.plain_marks(case when regexp_matches(printed, '\p{M}') then nfc_normalize(printed) else printed end),
          '\s+',
          ' ',
          'g'
        ),
        ' -',
        '-'
      ),
      '- ',
      '-'
    )
  );
