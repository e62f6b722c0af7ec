-- A project that was deleted keeps its row: its name is never given again, since images, caches and contexts are named by it.
alter table projects
    add column description text,
    add column created_by  text,        -- who made it; null for the one that is there from the start
    add column deleted_at  timestamptz, -- nobody sees it from then on
    add column purged_at   timestamptz; -- its builds and cache mounts are gone, too

create index projects_unpurged on projects (name) where deleted_at is not null and purged_at is null;

-- Tokens so far were the administrator's.
alter table tokens
    add column role         text not null default 'admin' check (role in ('viewer', 'builder', 'maintainer', 'admin')),
    add column prefix       text not null default '', -- its first characters, by which people recognise it
    add column created_by   text,                     -- null: made by the service itself, for its file
    add column expires_at   timestamptz,
    add column last_used_at timestamptz,              -- to the minute or so
    add column revoked_by   text;                     -- null: by the service itself, for another one in the file

alter table tokens alter column role drop default, alter column prefix drop default;

create index tokens_by_project on tokens (project, id) where revoked_at is null;

-- Whom a project trusts without a token: bearers of an OpenID provider's tokens with this audience and these claims.
create table identities (
    id           text primary key,
    project      text        not null references projects (name),
    name         text        not null,
    issuer       text        not null,
    audience     text        not null,
    claim_names  text[]      not null,
    claim_values text[]      not null, -- in the order of their names; * stands for anything
    role         text        not null check (role in ('viewer', 'builder', 'maintainer', 'admin')),
    created_at   timestamptz not null default now(),
    created_by   text,
    last_used_at timestamptz,
    check (cardinality(claim_names) = cardinality(claim_values))
);

create index identities_by_issuer on identities (issuer, audience);
create index identities_by_project on identities (project, id);
