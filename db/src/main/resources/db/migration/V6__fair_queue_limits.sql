-- Whose turn it is: projects take turns, and priorities order builds within one project only. What a project has queued and running is
-- never counted here, only in builds, so that no count can go astray.
create table project_queues (
    project text primary key references projects (name),
    waiting boolean not null default false, -- has a build that can be claimed; true may stay a while after the last one has gone
    turn    bigint  not null default 0      -- fencing token of its newest claim: the smallest is next
) with (fillfactor = 50);

create index project_queues_waiting on project_queues (turn, project) where waiting;

insert into project_queues (project, waiting)
select name, exists (select from builds where project = name and state = 'queued' and context_path is not null)
from projects;

-- The queue of each project, in its order.
drop index builds_claimable;
create index builds_claimable on builds (project, priority desc, queued_at, id) where state = 'queued' and context_path is not null;
create index builds_running_by_project on builds (project) where state = 'running';

-- How long builds took of late.
create index builds_by_end on builds (finished_at desc) where finished_at is not null and started_at is not null;

-- What holds for one project instead of the configured default; names are those of the API.
create table project_limits (
    project text   not null references projects (name),
    name    text   not null,
    value   bigint not null check (value > 0),
    primary key (project, name)
);

-- When each project would have sent its builds at the rate that it may send them (generic cell rate algorithm).
create table submit_rates (
    project  text primary key references projects (name),
    spent_at timestamptz not null
) with (fillfactor = 50);

-- Builds that a newer one takes the place of.
alter table builds
    add column supersedes    text, -- a newer build of the project with the same key cancels this one
    add column superseded_by text; -- the newer one

create index builds_superseded on builds (project, supersedes) where supersedes is not null and finished_at is null;

-- Builds that are done once more. Contexts of builds that have ended stay for that for a while, work directories do not.
alter table builds
    add column retry_of      text,
    add column confidential  boolean not null default false, -- came with credentials or secrets, which are forgotten at its end
    add column work_swept_at timestamptz;

create index builds_work_unswept on builds (finished_at)
    where finished_at is not null and work_swept_at is null and files_swept_at is null;
