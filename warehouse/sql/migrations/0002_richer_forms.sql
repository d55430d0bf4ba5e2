-- What exports, saved pages and containers tell besides: ids and names of channels, links, media, polls, counts, ranges
-- of ids, and what a container says of a capture. A row written before has null in the new columns.

-- A list of fields laid end to end, itself a field; the same as extract.fields.laid_out within laid_out.
create macro store.list_field(x) as store.field(array_to_string(list_transform(x, lambda one: store.field(one)), ''));

alter table store.source add column channel_id bigint; -- bare and positive
alter table store.source add column columns varchar; -- of a table, as a person declares them

alter table store.content add column links struct(text varchar, address varchar)[]; -- null: the form carries none
alter table store.content add column links_sha256 blob; -- fold: the addresses as a set; 16 bytes
alter table store.content add column media struct(kind varchar, name varchar)[];
alter table store.content add column media_kinds varchar; -- fold: coarse kinds in alphabetical order
alter table store.content add column media_names varchar; -- fold: names of the documents, a line each
alter table store.content add column origin_channel varchar; -- of a forward: number, or @username
alter table store.content add column origin_message_id bigint;
alter table store.content add column poll varchar[]; -- question and options
alter table store.content add column poll_sha256 blob; -- fold: their letters and digits; 16 bytes
alter table store.content add column service_action varchar;
alter table store.content add column service_detail varchar;

alter table store.description add column passage_names varchar[]; -- normalised, one for each line of the text
alter table store.description add column passage_outlets varchar[]; -- likewise
alter table store.description add column passage_blocks varchar[]; -- likewise
alter table store.description add column media_details struct(
  kind varchar,
  name varchar,
  mime_type varchar,
  size_bytes bigint,
  address varchar,
  is_held boolean,
  width integer,
  height integer,
  duration_s integer,
  caption varchar
)[];
alter table store.description add column post_kind varchar; -- message, service, unsupported
alter table store.description add column author varchar;
alter table store.description add column is_edited boolean;
alter table store.description add column edited_at timestamptz;
alter table store.description add column reply_to bigint;
alter table store.description add column album varchar;
alter table store.description add column origin_at timestamptz;
alter table store.description add column channel_username varchar;
alter table store.description add column channel_title varchar;
alter table store.description add column service_printed varchar;
alter table store.description add column local_time varchar; -- of a post, as the exporter's clock had it
alter table store.description add column buttons struct(text varchar, address varchar)[];
alter table store.description add column address varchar;
alter table store.description add column site_number bigint;
alter table store.description add column section varchar;
alter table store.description add column contents varchar[]; -- the lines of a table of contents
alter table store.description add column matched varchar[]; -- which rule found each field

alter table store.reading add column edited_at timestamptz; -- of two records of one post in one input the later edited counts

-- What a container, a manifest or a server tells of a capture.
create table store.transport (
  capture_key varchar not null,
  address varchar,
  http_status bigint,
  content_type varchar,
  note varchar,
  append_number integer not null
);

-- Which stretch of a channel's ids one extraction shows, and what its form claims of that stretch.
create table store.showing (
  extraction_key varchar not null,
  channel_id bigint not null,
  id_from bigint not null,
  id_to bigint not null,
  post_count bigint not null,
  claim varchar not null, -- complete, sample, unknown
  append_number integer not null
);

-- A name under which a form shows a channel, once for each.
create table store.alias (
  channel_id bigint not null,
  username varchar,
  title varchar,
  extraction_key varchar not null,
  append_number integer not null
);

-- Counts of one post as one extraction shows them.
create table store.measurement (
  extraction_key varchar not null,
  position integer not null,
  views bigint,
  views_are_rounded boolean,
  forwards bigint,
  replies bigint,
  reactions struct(reaction varchar, count bigint)[],
  poll_votes bigint[],
  poll_voters bigint,
  append_number integer not null
);
