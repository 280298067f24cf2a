-- Deletes jobs that have ended, with everything that points to them and their entries in the results stream.
--
-- Arguments: ids.
-- Returns how many jobs were deleted.

-- The id of an entry is the time at which its job ended. This searches only so long after that time (ms) and among so many entries.
local SOON, MOST = 100, 512
-- The times at which a job may have been published: it ended, or an earlier attempt did, before a person retried it.
local NEWEST = 8
local function unpublish(stream, id, at)
  local from = math.max(0, at - 5)
  local entries = redis.call('XRANGE', stream, whole(from), whole(at + SOON), 'COUNT', MOST)
  for _, entry in ipairs(entries) do
    local result = entry[2][2] or ''
    -- A reference may contain the id of another job.
    if string.find(result, id, 1, true) and read_json(result).id == id then redis.call('XDEL', stream, entry[1]) end
  end
end

local count = 0
for _, id in ipairs(ARGV) do
  local f = redis.call('HMGET', job_key(id), 'header', 'progress')
  local progress = read_json(f[2])
  local state = progress.state
  local ended = state and tonumber(redis.call('ZSCORE', P .. state, id))
  if ended and redis.call('ZREM', P .. state, id) == 1 then
    local header = header_of(f[1]) or {}
    if header.idempotency then forget_idempotency(id, header.idempotency) end
    if header.reference_index then redis.call('ZREM', P .. 'reference:' .. header.reference_index, id) end
    local times, history = { ended }, progress.history or {}
    for nth = math.max(1, #history - NEWEST + 1), #history do
      local at = tonumber(history[nth].at)
      if at and math.abs(at - ended) > 5 then table.insert(times, at) end
    end
    for _, at in ipairs(times) do
      unpublish(P .. 'results', id, at)
      if header.tenant then unpublish(P .. 'results:' .. header.tenant, id, at) end
    end
    forget_persons(id)
    redis.call('UNLINK', job_key(id))
    redis.call('ZREM', P .. 'retained', id)
    count = count + 1
  end
end
return count
