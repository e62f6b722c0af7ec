package io.slipway.db.base;

/** Which bases are watched: those of the newest images of triggers that say so. */
final class Needed {
    /**
     * SQL for the rows (owner, trigger_id, project, ref, build_id, reference, digest). A base that is named by its digest is none. A project without
     * credentials asks as the service, so that projects that ask alike ask once.
     */
    // Indexes: triggers_rebuilding, then primary keys.
    static final String ROWS = """
            select
                case when t.document #>> '{build,projectCredentials}' is distinct from 'false'
                    and exists (select from registry_credentials c where c.project = t.project)
                    then t.project else '' end as owner,
                t.id as trigger_id, t.project, r.ref, r.build_id, s.reference, s.digest
            from triggers t
            join built_refs r on r.trigger_id = t.id
            join bases s on s.build_id = r.build_id
            where t.deleted_at is null and t.document @> '{"enabled": true, "rebuildOnBase": true}'
              and s.reference is not null and position('@' in s.reference) = 0
            """;

    private Needed() {}
}
