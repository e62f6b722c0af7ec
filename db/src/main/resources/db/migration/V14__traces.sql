-- The span that a build was submitted in (W3C Trace Context, `traceparent`), if the service that took it has tracing on.
alter table builds add column trace_parent text;
-- When the spans of the build were handed on, after its end.
alter table builds add column traced_at timestamptz;
create index builds_untraced on builds (finished_at) where trace_parent is not null and traced_at is null and finished_at is not null;
