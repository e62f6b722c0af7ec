alter table commit_statuses
    -- GitHub's id of the check run that tells of the commit; null: there is none, or it is being made, or the answer was lost.
    add column check_run    bigint,
    -- What that check run tells of (its external_id). It is written before the check run is made, so that one whose id was lost is looked for.
    add column check_run_of text,
    -- Where there is no build since a Dockerfile has a mistake: the Dockerfile's path within the context, and the line.
    add column problem_file text,
    add column problem_line integer;
