-- Calls a job off. Whoever has it can no longer settle it.
-- ARGV 1 id, 2 retention (ms), 3 results kept     Answers 'done' | its final state | 'unknown'
local id = ARGV[1]
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
finish_here(id, header, 'cancelled', progress, 'cancelled', 'It was called off.', ARGV[2], ARGV[3])
return 'done'
