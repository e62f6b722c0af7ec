-- What a service may claim, however much of the same projects waits for others. No home: of a version before there were homes.
create index builds_claimable_by_home on builds (coalesce(home, ''), project, priority desc, queued_at, id)
    where state = 'queued' and context_path is not null;

-- As before, but that ids, which have the clocks of services, no longer say which build is the newer one: the database's clock does.
create or replace function build_of_ref_succeeded() returns trigger language plpgsql as $$
begin
    insert into built_refs (trigger_id, ref, build_id)
    select c.trigger_id, c.ref, c.build_id
    from build_causes c join triggers t on t.id = c.trigger_id
    where c.build_id = new.id and c.event in ('push', 'tag') and t.deleted_at is null
    for key share of t
    on conflict (trigger_id, ref) do update set build_id = excluded.build_id
    where (select (o.created_at, o.id) < (new.created_at, new.id) from builds o where o.id = built_refs.build_id);
    return null;
end
$$;
