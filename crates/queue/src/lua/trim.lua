-- Deletes jobs whose retention has ended, with everything that points to them. Their images were deleted before.
--
-- Arguments: 'completed', 'dead' or 'cancelled'; retention (ms); then ids.
-- Returns how many were deleted. A job that another worker deleted, or a person retried, meanwhile is none of them.
local place, retention_ms = unpack(ARGV, 1, 2)
local count = 0
for nth = 3, #ARGV do
  local id = ARGV[nth]
  local ended = tonumber(redis.call('ZSCORE', P .. place, id))
  if ended and ended <= now - retention_ms then
    -- Not parsed as JSON: of a million jobs few have either.
    local header = redis.call('HGET', job_key(id), 'header') or ''
    local reference = string.match(header, '"reference_index":"(%w+)"')
    if reference then redis.call('ZREM', P .. 'reference:' .. reference, id) end
    local idempotency = string.match(header, '"idempotency":"(%w+)"')
    -- It usually expires by itself, but not if the retention was shortened since.
    if idempotency then forget_idempotency(id, idempotency) end
    forget_persons(id)
    redis.call('ZREM', P .. 'retained', id)
    -- Last, so that a repetition finds the job and what points to it.
    redis.call('UNLINK', job_key(id))
    redis.call('ZREM', P .. place, id)
    count = count + 1
  end
end
return count
