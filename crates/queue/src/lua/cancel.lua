-- Cancels a job. A worker that has a lease for it can no longer settle it.
--
-- Arguments: the job's id; retention of idempotency keys (ms); entries that the results stream keeps.
-- Returns 'done', the state of a job that has ended, or 'unknown'.
local id, retention_ms, keep_results = unpack(ARGV, 1, 3)
local f = redis.call('HMGET', job_key(id), 'header', 'progress')
local header, progress = header_of(f[1]), progress_of(f[2])
if not header then return 'unknown' end
if progress.state then return progress.state end
local session = lease_holder(id)
if session then
  if release_lease(session, id) ~= CACHED then
    -- Its call may have been sent, and may be billed.
    progress.calls, progress.unanswered = progress.calls + 1, progress.unanswered + 1
    tally('calls ' .. header.kind)
  end
else
  leave_place(id, header)
end
finish_here(id, header, 'cancelled', progress, 'cancelled', 'It was called off.', retention_ms, keep_results)
return 'done'
