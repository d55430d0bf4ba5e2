-- What a request told: why it was made, what came of it, and what the server asks for.

-- One request, which is a capture, whatever came of it.
create table store.request (
  capture_key varchar not null,
  asked_at timestamptz not null, -- when the answer came, by this program's clock; a web archive's copy was captured before
  purpose varchar not null, -- what the answer is read as
  looked_for varchar, -- key of the document that should be shown there
  failure varchar, -- why no whole answer came, or why it is not used
  detail varchar, -- of the failure, one line
  vantage varchar, -- where the look was made from, a name that the operator gives
  etag varchar,
  last_modified varchar, -- as the server wrote it
  not_before timestamptz, -- until when the server asks to wait
  headers varchar, -- of the answer: JSON, a list of name and value
  duration_ms bigint,
  append_number integer not null
);
