-- Ends jobs that have waited longer than jobs may. Jobs that have ended, and jobs under a lease, are left unchanged.
--
-- Arguments: the longest wait (ms); retention of dead jobs (ms); entries that the results stream keeps; then ids.
-- Returns how many jobs ended.
local wait_ms, retention_ms, keep_results = unpack(ARGV, 1, 3)
retention_ms, keep_results = bounded_text(retention_ms), bounded_text(keep_results)
local count = 0
for nth = 4, #ARGV do
  local id = ARGV[nth]
  local f = redis.call('HMGET', job_key(id), 'header', 'progress')
  local header, progress = header_of(f[1]), progress_of(f[2])
  -- For a dead job that a person retried the wait began anew.
  local since = header and math.max(header.enqueued or 0, progress.renewed or 0)
  if since and not progress.state and since + wait_ms <= now and not lease_holder(id) then
    finish_here(id, header, 'dead', progress, 'expired', 'It waited longer than jobs may wait (keep_waiting).', retention_ms,
      keep_results, function() leave_place(id, header) end)
    count = count + 1
  elseif header and progress.state == 'dead' and progress.code == 'expired' then
    -- An earlier call may have stopped before the job was among the dead ones, or before it left its place.
    local is_dead = redis.call('ZSCORE', P .. 'dead', id)
    if leave_place(id, header) or not is_dead then finish_again(id, header, progress, retention_ms, keep_results) end
  end
end
return count
