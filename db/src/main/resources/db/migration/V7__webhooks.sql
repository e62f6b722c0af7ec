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
