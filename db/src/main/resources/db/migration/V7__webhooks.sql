-- What starts builds of a repository when its git host says so.
create table triggers (
    id                text primary key,
    project           text        not null references projects (name),
    host              text        not null,
    document          jsonb       not null, -- as the API shows it: without what nobody may read
    sealed            text,                 -- the whole document, encrypted by the service
    secret            text,                 -- what the host signs with, encrypted
    previous_secret   text,                 -- what it signed with before, which is accepted, too, until it is dropped; encrypted
    secret_created_at timestamptz not null default now(),
    created_at        timestamptz not null default now(),
    created_by        text        not null,
    updated_at        timestamptz not null default now(),
    deleted_at        timestamptz, -- nobody sees it from then on, its secrets are gone, and its deliveries soon are
    check ((deleted_at is null) = (secret is not null and sealed is not null))
);

create index triggers_by_project on triggers (project, id) where deleted_at is null;
create index triggers_unswept on triggers (id) where deleted_at is not null;

-- A delivery that is claimed anew gets a greater number: who holds an older one is told so.
create sequence delivery_claims;

-- What hosts have sent, and what came of it.
create table deliveries (
    id            text primary key,
    trigger_id    text        not null references triggers (id),
    host_id       text,        -- the host's own id; null for what was delivered again from here
    body_sha256   bytea,       -- null where two deliveries can have one body, and for what was delivered again
    event         text        not null,
    headers       jsonb       not null, -- signatures are masked
    body          bytea       not null,
    service_url   text        not null, -- where the host has reached the service
    redelivery_of text,
    duplicates    integer     not null default 0, -- how often it came again
    state         text        not null default 'pending' check (state in ('pending', 'built', 'ignored', 'failed')),
    attempts      integer     not null default 0,
    claim         bigint,      -- of the newest attempt
    due_at        timestamptz not null default clock_timestamp(), -- of a pending one: when it is (again) to be worked off
    decision      jsonb,
    received_at   timestamptz not null default clock_timestamp(),
    decided_at    timestamptz,
    check ((state = 'pending') = (decided_at is null))
);

create unique index deliveries_by_host_id on deliveries (trigger_id, host_id) where host_id is not null;
create unique index deliveries_by_body on deliveries (trigger_id, body_sha256) where body_sha256 is not null;
create index deliveries_due on deliveries (due_at) where state = 'pending';
create index deliveries_by_trigger on deliveries (trigger_id, id desc);
create index deliveries_by_age on deliveries (received_at);

-- The builds of a delivery: one for each of its events that is to be built. The row is written with the build, in one transaction.
create table delivery_builds (
    delivery_id text    not null references deliveries (id) on delete cascade,
    position    integer not null, -- of the event in the delivery
    build_id    text    references builds (id) on delete set null,
    problem     jsonb,            -- why there is no build
    primary key (delivery_id, position)
);

create index delivery_builds_by_build on delivery_builds (build_id) where build_id is not null;

-- What is to be said to the git host of a commit: one line for each of its contexts. A line is behind as long as less was sent than happened.
create table commit_statuses (
    trigger_id  text        not null references triggers (id),
    commit_id   text        not null,
    context     text        not null, -- by which the host tells statuses of a commit apart
    build_id    text        references builds (id) on delete set null, -- the newest one of this commit
    problem     text,                 -- why there is no build, in words
    ref         text        not null,
    service_url text        not null,
    happened    bigint      not null default 1, -- how often something has happened that is to be said
    sent        bigint      not null default 0, -- of it, what was sent, needs not be, or can't be
    sent_state  text,                 -- what the host was told last
    error       text,                 -- why the last attempt failed
    attempts    integer     not null default 0, -- for what is behind
    claim       bigint,
    due_at      timestamptz not null default clock_timestamp(), -- not before; while one is being sent: when the claim ends
    changed_at  timestamptz not null default clock_timestamp(),
    primary key (trigger_id, commit_id, context)
);

create index commit_statuses_behind on commit_statuses (due_at) where sent < happened;
create index commit_statuses_by_build on commit_statuses (build_id) where build_id is not null;
create index commit_statuses_by_age on commit_statuses (changed_at);

-- Whatever changes a build's state, within the same transaction: so nothing that has happened is ever not said, and nothing is said that has not.
create function build_state_changed() returns trigger language plpgsql as $$
begin
    update commit_statuses
    set happened = happened + 1, attempts = 0, changed_at = clock_timestamp()
    where build_id = new.id;
    return null;
end
$$;

create trigger build_state_changed after update of state on builds
    for each row when (old.state is distinct from new.state) execute function build_state_changed();
