-- Secrets of projects. The value is only there encrypted, and only the newest one.
create table secrets (
    id         text primary key,
    project    text        not null references projects (name),
    name       text        not null,
    version    integer     not null default 1, -- goes on when the name is given again after a deletion
    sealed     text,                           -- encrypted by the service; null: it was deleted
    created_at timestamptz not null default clock_timestamp(), -- of this version
    created_by text        not null,
    unique (project, name)
);

-- Which build got which version when. It outlives both.
create table secret_uses (
    number   bigint generated always as identity primary key,
    project  text        not null,
    name     text        not null,
    version  integer     not null,
    build_id text        not null,
    attempt  integer     not null,
    used_at  timestamptz not null default clock_timestamp()
);

create index secret_uses_by_secret on secret_uses (project, name, number desc);

-- What builds of projects may do.
create table project_policies (
    project    text primary key references projects (name),
    document   jsonb       not null,
    updated_at timestamptz not null default clock_timestamp(),
    updated_by text        not null
);

-- Who a project's builds are at registries.
create table registry_credentials (
    id         text primary key,
    project    text        not null references projects (name),
    host       text        not null,
    repository text        not null default '', -- for this one and those below; empty: for all of the host
    username   text,                            -- null: what is encrypted is a token
    sealed     text        not null,            -- encrypted by the service
    created_at timestamptz not null default clock_timestamp(),
    created_by text        not null,
    unique (project, host, repository)
);
