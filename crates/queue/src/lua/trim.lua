-- Deletes jobs whose retention has ended, a few at a time, with everything that points to them.
--
-- Arguments: 'completed', 'dead' or 'cancelled'; retention (ms); how many at most.
-- Returns how many were deleted.
local place, retention_ms, at_most = unpack(ARGV, 1, 3)
local ids = redis.call('ZRANGEBYSCORE', P .. place, '-inf', now - retention_ms, 'LIMIT', 0, at_most)
for _, id in ipairs(ids) do
  -- Not parsed as JSON: of a million jobs few have either.
  local header = redis.call('HGET', job_key(id), 'header') or ''
  local reference = string.match(header, '"reference_index":"(%w+)"')
  if reference then redis.call('ZREM', P .. 'reference:' .. reference, id) end
  local idempotency = string.match(header, '"idempotency":"(%w+)"')
  -- It usually expires by itself, but not if the retention was shortened since.
  if idempotency then forget_idempotency(id, idempotency) end
  redis.call('UNLINK', job_key(id))
end
if #ids > 0 then
  redis.call('ZREM', P .. place, unpack(ids))
  redis.call('ZREM', P .. 'retained', unpack(ids))
end
return #ids
