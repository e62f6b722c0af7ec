-- What a build may use and nobody may read: registry credentials and secrets, encrypted by the service. Gone as soon as the build has
-- ended. Builds that wait at the moment of this migration lose the credentials that they came with.
alter table builds drop column credentials, add column sealed text;
