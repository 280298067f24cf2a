-- Cancels a job. A worker that has a lease for it can no longer settle it.
--
-- Arguments: the job's id; retention of idempotency keys (ms); entries that the results stream keeps.
-- Returns 'done', the state of a job that has ended, or 'unknown'.
local id, retention_ms, keep_results = unpack(ARGV, 1, 3)
retention_ms, keep_results = bounded_text(retention_ms), bounded_text(keep_results)
local f = redis.call('HMGET', job_key(id), 'header', 'progress')
local header, progress = header_of(f[1]), progress_of(f[2])
if not header then return 'unknown' end
local session = lease_holder(id)
local function leave()
  if progress.moved then redis.call('ZREM', P .. 'dead', id) end -- where a script may have left it that retried it
  return leave_place(id, header)
end
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
if progress.state == 'cancelled' then
  -- An earlier call may have stopped before the job left.
  if session then release_lease(session, id) end
  if leave() or session then
    finish_again(id, header, progress, retention_ms, keep_results)
  elseif header.coalescing then
    pass_on(id, header.coalescing.index, header.kind)
  end
end
if progress.state then return progress.state end
local revoke
if session then
  local leased_as = release_lease(session, id)
  revoke = function() revoke_lease(session, id, leased_as) end
  if leased_as ~= CACHED then
    -- Its call may have been sent, and may be billed.
    progress.calls, progress.unanswered = progress.calls + 1, progress.unanswered + 1
    tally('calls ' .. header.kind)
  end
end
finish_here(id, header, 'cancelled', progress, 'cancelled', 'It was called off.', retention_ms, keep_results,
  leave, revoke)
return 'done'
