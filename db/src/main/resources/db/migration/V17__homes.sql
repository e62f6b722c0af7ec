-- The homes of services, and when each was last seen, by the database's clock: while the service of a home is away, what waits for it says so, and if it stays away
-- others end that (docs/decisions/0028).
create table homes (
    id        text primary key,
    seen_at   timestamptz not null default clock_timestamp(),
    -- Whether its service says every few seconds that it is there. One of an older version does not: its silence says nothing, what it does with builds does.
    reporting boolean     not null default false
) with (fillfactor = 50); -- each row is changed again and again, on its own page

insert into homes (id)
select home from builds where state = 'queued' and context_path is not null and home is not null
union
select home from builds where state = 'running' and home is not null;
