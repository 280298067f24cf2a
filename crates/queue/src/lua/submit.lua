-- Submits a job.
--
-- Arguments: stream of the inbox; id; index of the idempotency key or ''; digest of the body; how long the idempotency key is
-- remembered (ms); what is known of the job, as JSON; id of the public key; key record; sealed job.
-- Returns 'new', 'existing' or 'conflict', and the id of the job.
local stream, id, index, digest, remember_ms, about, public_key, record, sealed = unpack(ARGV, 1, 9)
return { submit(stream, id, index, digest, remember_ms, about, public_key, record, sealed) }
