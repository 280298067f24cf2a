-- Submits jobs that came at once, each by itself.
--
-- Arguments: nine for each job: stream of the inbox; id; index of the idempotency key or ''; digest of the body; how long the
-- idempotency key is remembered (ms); what is known of the job, as JSON; id of the public key; key record; sealed job.
-- Returns for each job 'new', 'existing' or 'conflict', and the id of the job.
local answers = {}
for at = 1, #ARGV, 9 do
  local stream, id, index, digest, remember_ms, about, public_key, record, sealed = unpack(ARGV, at, at + 8)
  local verb, known = submit(stream, id, index, digest, remember_ms, about, public_key, record, sealed)
  table.insert(answers, verb)
  table.insert(answers, known)
end
return answers
