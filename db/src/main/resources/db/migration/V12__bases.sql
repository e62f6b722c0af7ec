-- The whole name of a base, by which its registry is asked what it means now. Null: a named context, or a build of an older version.
alter table bases add column reference text;

-- Why triggers have submitted builds. It outlives the trigger and the delivery.
create table build_causes (
    build_id    text  primary key references builds (id) on delete cascade,
    trigger_id  text  not null,
    delivery_id text  not null,
    event       text  not null check (event in ('push', 'tag', 'pull_request')),
    ref         text  not null,
    commit_id   text  not null,
    service_url text  not null, -- where the service is reached
    rebuild_of  text,           -- the build that is done again since a base of it has moved
    moved       jsonb           -- which have: [{"reference": …, "from": …, "to": …}]
);

create index build_causes_by_ref on build_causes (trigger_id, ref, build_id desc);
create index build_causes_by_rebuilt on build_causes (rebuild_of) where rebuild_of is not null;

-- Which builds a moved base can be the image of.
create index builds_by_digest on builds (digest) where digest is not null;

-- The newest image of each branch and tag that a trigger builds.
create table built_refs (
    trigger_id text not null references triggers (id) on delete cascade,
    ref        text not null,
    build_id   text not null references builds (id) on delete cascade,
    primary key (trigger_id, ref)
);

create index built_refs_by_build on built_refs (build_id);

-- Within the transaction in which a build succeeds, so that none is missed. The lock lets triggers drop out that are being swept, where the
-- foreign key would refuse the end of the build.
create function build_of_ref_succeeded() returns trigger language plpgsql as $$
begin
    insert into built_refs (trigger_id, ref, build_id)
    select c.trigger_id, c.ref, c.build_id
    from build_causes c join triggers t on t.id = c.trigger_id
    where c.build_id = new.id and c.event in ('push', 'tag') and t.deleted_at is null
    for key share of t
    on conflict (trigger_id, ref) do update set build_id = excluded.build_id
    where built_refs.build_id < excluded.build_id;
    return null;
end
$$;

create trigger build_of_ref_succeeded after update of state on builds
    for each row when (new.state = 'succeeded' and old.state <> 'succeeded') execute function build_of_ref_succeeded();

create index triggers_rebuilding on triggers (id)
    where deleted_at is null and document @> '{"enabled": true, "rebuildOnBase": true}';

-- A delivery that the service has made itself, since a base of this build has moved. What hosts deliver goes first.
alter table deliveries add column rebuild_of text;
create index deliveries_due_first on deliveries ((rebuild_of is not null), due_at) where state = 'pending';
create index deliveries_rebuilding on deliveries (rebuild_of) where state = 'pending' and rebuild_of is not null;

-- What bases mean at their registries: one line for each name and for whoever asks.
create table watched_bases (
    owner      text        not null, -- the project with whose credentials it is asked; empty: the service's own
    reference  text        not null,
    digest     text,                 -- what it meant last; null: nobody knows yet
    moved_at   timestamptz,          -- when it was first seen to mean that, and had meant something else
    checked_at timestamptz,          -- when the newest check began that has had an answer
    asked_at   timestamptz,          -- when the registry has told last that it has moved
    attempts   integer     not null default 0, -- that have failed since
    error      text,                 -- why the newest check had no answer
    claim      bigint,               -- of the check that is under way
    claimed_at timestamptz,          -- when the newest check began
    due_at     timestamptz,          -- not before; while one is under way: when the claim ends; null: once the registry tells
    primary key (owner, reference)
);

create index watched_bases_due on watched_bases (due_at) where due_at is not null;
create index watched_bases_by_reference on watched_bases (reference);

-- What was done about a base that has moved: once for each build, base and digest.
create table base_rebuilds (
    build_id  text not null references builds (id) on delete cascade,
    reference text not null,
    digest    text not null,
    primary key (build_id, reference, digest)
);

-- Who may tell that tags of a project's registries have moved.
create table registry_hooks (
    id               text        primary key,
    project          text        not null references projects (name),
    name             text        not null,
    host             text,                 -- what image names call the registry; null: as it says itself
    secret           text        not null, -- what proves it, encrypted
    created_at       timestamptz not null default clock_timestamp(),
    created_by       text        not null,
    last_received_at timestamptz
);

create index registry_hooks_by_project on registry_hooks (project, id);
