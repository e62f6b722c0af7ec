-- Which of several requests holds a key: one that took too long finds that it is another's by now.
alter table idempotency_keys add column owner text;
