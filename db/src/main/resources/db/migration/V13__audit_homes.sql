-- Who did what. Only added to, and without foreign keys: it outlives what it tells of.
create table audit_entries (
    id         text primary key, -- sorts by age
    at         timestamptz not null default clock_timestamp(),
    action     text        not null,
    project    text,                          -- null: the whole service's
    object     text,                          -- id or name of what it was done to
    details    jsonb       not null default '{}',
    repeated   integer     not null default 1, -- refusals of one kind within a minute are one entry
    actor_kind text        not null check (actor_kind in ('token', 'identity', 'trigger', 'service', 'unknown')),
    actor      text,                          -- id of the token, identity or trigger
    actor_name text,
    address    text,                          -- where the request came from
    request    text                           -- its id
);

create index audit_entries_by_project on audit_entries (project, id desc);
create index audit_entries_by_actor on audit_entries (actor, id desc) where actor is not null;
create index audit_entries_by_time on audit_entries (at);

create function audit_entries_are_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.at < clock_timestamp() - interval '1 day' then
            return old;
        end if;
    end if;
    raise exception 'entries of the audit log are only added, and removed when they are old'
        using errcode = 'restrict_violation';
end
$$;

create trigger audit_entries_are_kept before update or delete on audit_entries
    for each row execute function audit_entries_are_kept();
create trigger audit_entries_are_not_truncated before truncate on audit_entries
    for each statement execute function audit_entries_are_kept();

-- Whose files a build's are: of several services on one database, the one with this home has its context, so it builds it, and keeps its image.
alter table builds add column home text; -- null: of an older version, whose builds any service takes
