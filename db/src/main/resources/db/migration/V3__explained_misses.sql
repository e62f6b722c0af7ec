-- Why a step was not found in the cache, as the worker reports it (CacheMiss of the protocol).
alter table steps add column miss jsonb;
