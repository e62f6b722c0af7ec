-- Builds that are kept no longer, oldest first. Those whose files are still to be removed are in builds_unswept.
create index builds_by_age on builds (finished_at) where files_swept_at is not null;
