-- When a part of the build's image went from the content store: it can't be pulled or downloaded any more.
alter table builds add column image_removed_at timestamptz;

-- What the garbage collector is told of, and marks.
create index builds_with_image on builds (digest) where digest is not null and image_removed_at is null;
