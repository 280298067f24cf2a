-- Deletes jobs that have ended, with everything that points to them.
--
-- Arguments: ids.
-- Returns how many jobs were deleted.
local count = 0
for _, id in ipairs(ARGV) do
  local f = redis.call('HMGET', job_key(id), 'header', 'progress')
  local state = read_json(f[2]).state
  if state and redis.call('ZREM', P .. state, id) == 1 then
    local header = header_of(f[1]) or {}
    if header.idempotency then forget_idempotency(id, header.idempotency) end
    if header.reference_index then redis.call('ZREM', P .. 'reference:' .. header.reference_index, id) end
    redis.call('UNLINK', job_key(id))
    redis.call('ZREM', P .. 'retained', id)
    count = count + 1
  end
end
return count
