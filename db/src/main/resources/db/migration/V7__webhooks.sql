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
