-- Cancels a job. A worker that has a lease for it can no longer settle it.
--
-- Arguments: the job's id; retention of idempotency keys (ms); entries that the results stream keeps; the place in which it must
-- be, or ''; when it must have been there (ms), or 0.
-- Returns 'done', the state of a job that has ended, 'moved' if it is in another place, or 'unknown'.
local id, retention_ms, keep_results, place, by = unpack(ARGV, 1, 5)
by = bounded(by)
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
local function is_there()
  if place == '' then return true end
  if place == 'running' or session then return place == 'running' and session end
  local function since(set) return redis.call('ZSCORE', P .. set, id) end
  if place == 'waiting' then return not since('scheduled') and not since('needs_decision') end
  return since(place) and came_by(place, since(place), by)
end
if not is_there() then return 'moved' end
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
