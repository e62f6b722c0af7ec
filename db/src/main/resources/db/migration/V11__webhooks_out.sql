-- Whom a project wants to be told of its builds.
create table webhooks (
    id                text primary key,
    project           text        not null references projects (name),
    url               text        not null,
    events            text[]      not null,
    description       text,
    enabled           boolean     not null default true,
    disabled_reason   text,                 -- why the service has disabled it; null if it has not
    secret            text        not null, -- what messages are signed with, encrypted
    previous_secret   text,                 -- what they are signed with as well, for a day after it was replaced; encrypted
    secret_created_at timestamptz not null default now(),
    service_url       text        not null, -- where its maker has reached the service
    failing_since     timestamptz,          -- the first failure since something was delivered
    paused_until      timestamptz,          -- nothing is sent before: the receiver is away or busy
    created_at        timestamptz not null default now(),
    created_by        text        not null,
    updated_at        timestamptz not null default now()
);

create index webhooks_by_project on webhooks (project, id);
create index webhooks_with_previous_secret on webhooks (secret_created_at) where previous_secret is not null;

create sequence webhook_message_numbers;

-- What is to be said, and what came of it.
create table webhook_messages (
    id            text primary key, -- what the receiver knows it by, at every attempt
    webhook_id    text        not null references webhooks (id) on delete cascade,
    event         text        not null,
    build_id      text        references builds (id) on delete set null,
    happened_at   timestamptz not null,
    body          text,             -- from the first attempt on, and the same at every one
    redelivery_of text,
    state         text        not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
    attempts      integer     not null default 0,
    claim         bigint,           -- of the newest attempt; null while it waits for the next
    due_at        timestamptz not null default clock_timestamp(), -- not before; while it is being sent: when the claim ends
    created_at    timestamptz not null default clock_timestamp(),
    finished_at   timestamptz,
    check ((state = 'pending') = (finished_at is null))
);

create index webhook_messages_due on webhook_messages (webhook_id, due_at) where state = 'pending';
create index webhook_messages_under_way on webhook_messages (webhook_id) where state = 'pending' and claim is not null;
create index webhook_messages_by_webhook on webhook_messages (webhook_id, id desc);
create index webhook_messages_by_build on webhook_messages (build_id) where build_id is not null;
create index webhook_messages_by_age on webhook_messages (created_at);

create table webhook_attempts (
    message_id      text        not null references webhook_messages (id) on delete cascade,
    number          integer     not null,
    at              timestamptz not null,
    duration_millis bigint      not null,
    status          integer, -- null: there was no answer
    response        text,    -- the beginning of its body
    error           text,    -- why it does not count; null if it does
    primary key (message_id, number)
);

-- An id that sorts by age: milliseconds since 1970, a number, and 64 random bits.
create function new_webhook_message_id() returns text language sql volatile as $$
    select 'msg_' || lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
        || lpad(to_hex(nextval('webhook_message_numbers') % 65536), 4, '0')
        || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12) || substr(replace(gen_random_uuid()::text, '-', ''), 1, 4)
$$;

-- Whatever queues a build or changes its state, within the same transaction: so nothing that has happened is ever not said, and nothing is said
-- that has not. The lock lets webhooks drop out that are being deleted, where the foreign key would refuse the change of the build; to those that are
-- being disabled a message may be noted yet, which is dropped before it is sent.
create function build_event_happened() returns trigger language plpgsql as $$
begin
    insert into webhook_messages (id, webhook_id, event, build_id, happened_at)
    select new_webhook_message_id(), id, 'build.' || new.state, new.id, clock_timestamp()
    from webhooks
    where project = new.project and enabled and 'build.' || new.state = any (events)
    for key share;
    return null;
end
$$;

create trigger build_was_queued after insert on builds
    for each row execute function build_event_happened();
create trigger build_event_happened after update of state on builds
    for each row when (old.state is distinct from new.state) execute function build_event_happened();
