-- Times are written by the database's clock except where a worker's event carries its own (steps, log).
-- Names of states, streams, outcomes and error codes are those of the API.

create table projects (
    name       text primary key,
    created_at timestamptz not null default now()
);

insert into projects (name) values ('default');

-- Bearer tokens. Only the SHA-256 of a token is kept: tokens are 256 random bits, so a plain hash can't be guessed back.
create table tokens (
    id         text primary key,
    name       text        not null,
    project    text references projects (name), -- null: every project (an administrator's token)
    hash       bytea       not null unique check (length(hash) = 32),
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);

-- One sequence for all builds: a token is newer than another exactly when it is greater.
create sequence fencing_tokens;

create table builds (
    id                  text primary key,
    project             text        not null references projects (name),
    state               text        not null check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    priority            integer     not null default 0,
    options             jsonb       not null,
    credentials         jsonb,      -- registry credentials for this build only; gone as soon as it has ended
    tags                text[]      not null default '{}',
    timeout_millis      bigint      not null,
    dockerfile_name     text,
    dockerfile          text,
    -- Null while the context is still being fetched (git, HTTP): such a build is queued but can't be claimed.
    context_path        text,
    context_bytes       bigint,
    context_sha256      text,

    -- The newest claim. A finished build keeps its worker and fencing token, so that a report that is sent twice is known.
    attempt             integer     not null default 0,
    losses              integer     not null default 0, -- attempts that ended because the worker was lost
    worker              text,
    fencing_token       bigint,
    attempt_token_hash  bytea,      -- SHA-256 of the bearer token of this attempt
    attempt_started_at  timestamptz,
    lease_until         timestamptz,
    last_sequence       bigint      not null default 0, -- highest event of this attempt that is stored
    last_entry          bigint      not null default 0, -- highest seq in log_entries
    cancel_requested_at timestamptz,

    digest              text,
    media_type          text,
    image_bytes         bigint,
    images              text[]      not null default '{}',
    error_code          text,
    error_message       text,
    error_instruction   text,
    error_line          integer,
    error_exit_code     integer,
    error_hint          text,

    created_at          timestamptz not null default now(),
    queued_at           timestamptz not null default now(),
    started_at          timestamptz,
    finished_at         timestamptz,
    files_swept_at      timestamptz, -- context and work directory of the finished build are gone

    check ((state = 'running') = (lease_until is not null)),
    check ((state in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null))
) with (fillfactor = 80);

-- The hot ends of the table, each an index over a few rows whatever the history. None covers lease_until, last_sequence or
-- last_entry, so a heartbeat is a heap-only update.
create index builds_claimable on builds (priority desc, queued_at, id) where state = 'queued' and context_path is not null;
create index builds_waiting_for_context on builds (id) where state = 'queued' and context_path is null;
create index builds_running on builds (worker) where state = 'running';
create index builds_unswept on builds (finished_at) where finished_at is not null and files_swept_at is null;
-- Listing, newest first: ids sort by time of creation.
create index builds_by_project on builds (project, id desc);
create index builds_by_tag on builds using gin (tags);

create table steps (
    build_id        text    not null references builds (id) on delete cascade,
    number          integer not null,
    stage           text    not null,
    instruction     text    not null,
    line            integer,
    state           text    not null default 'pending'
        check (state in ('pending', 'running', 'executed', 'cached', 'failed', 'cancelled')),
    started_at      timestamptz,
    finished_at     timestamptz,
    duration_millis bigint,
    layer           text,
    layer_bytes     bigint,
    primary key (build_id, number)
);

create table warnings (
    build_id text    not null references builds (id) on delete cascade,
    position integer not null,
    attempt  integer not null, -- 0: found when the build was submitted
    line     integer,
    rule     text    not null,
    message  text    not null,
    primary key (build_id, position)
);

create table bases (
    build_id text not null references builds (id) on delete cascade,
    name     text not null,
    digest   text not null,
    primary key (build_id, name)
);

-- The log: output and what happened around it, in the order in which it was stored. Kept apart from builds, so that the
-- queue's table is not vacuumed for the log's sake.
create table log_entries (
    build_id        text        not null references builds (id) on delete cascade,
    seq             bigint      not null,
    at              timestamptz not null,
    kind            text        not null
        check (kind in ('output', 'step_started', 'step_finished', 'warning', 'pushed', 'notice', 'ended')),
    step            integer,
    stream          text check (stream in ('stdout', 'stderr', 'system')),
    data            bytea,
    message         text,   -- instruction, warning, notice, name that was pushed
    outcome         text,   -- of the step; at the end, the build's state
    duration_millis bigint,
    line            integer,
    primary key (build_id, seq)
);

create table idempotency_keys (
    project      text        not null references projects (name),
    key          text        not null,
    request_hash bytea       not null,
    held_until   timestamptz,          -- while the first request is still running
    status       integer,
    headers      jsonb,
    body         bytea,
    created_at   timestamptz not null default now(),
    primary key (project, key)
);

create index idempotency_keys_by_age on idempotency_keys (created_at);
