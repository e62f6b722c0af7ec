-- By what a delivery is known when it comes again: its id and its body, for longer than the delivery itself is kept (docs/decisions/0017).
create table delivery_marks (
    trigger_id  text        not null, -- no foreign key: it would lock the trigger's row twice more for each delivery
    mark        text        not null, -- id:… as the host calls it, body:… the SHA-256 in hexadecimal
    delivery_id text        not null, -- which may be gone
    received_at timestamptz not null default clock_timestamp(),
    primary key (trigger_id, mark)
);

create index delivery_marks_by_age on delivery_marks (received_at);

insert into delivery_marks (trigger_id, mark, delivery_id, received_at)
select trigger_id, 'id:' || host_id, id, received_at from deliveries where host_id is not null
union all
select trigger_id, 'body:' || encode(body_sha256, 'hex'), id, received_at from deliveries where body_sha256 is not null
union all
select d.trigger_id, 'body:' || encode(sha256(d.body), 'hex'), d.id, d.received_at
from triggers t join deliveries d on d.trigger_id = t.id
where t.host = 'bitbucket_cloud' and d.redelivery_of is null and d.rebuild_of is null
on conflict do nothing;

-- The delivery that had the same body, where that makes this one suspect.
alter table deliveries add column repeats text;

-- What came to a trigger's address without a proof.
alter table triggers add column refused_count bigint not null default 0;
alter table triggers add column refused_at timestamptz;
