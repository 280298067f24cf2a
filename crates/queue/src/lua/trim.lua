-- Deletes jobs whose retention has ended, a few at a time.
--
-- Arguments: 'completed', 'dead' or 'cancelled'; retention (ms); how many at most.
-- Returns how many were deleted.
local place, retention_ms, at_most = unpack(ARGV, 1, 3)
local ids = redis.call('ZRANGEBYSCORE', P .. place, '-inf', now - retention_ms, 'LIMIT', 0, at_most)
for _, id in ipairs(ids) do
  -- Not read as JSON: of a million jobs few have one.
  local reference = string.match(redis.call('HGET', job_key(id), 'header') or '', '"reference_index":"(%w+)"')
  if reference then redis.call('ZREM', P .. 'reference:' .. reference, id) end
  redis.call('UNLINK', job_key(id))
end
if #ids > 0 then
  redis.call('ZREM', P .. place, unpack(ids))
  redis.call('ZREM', P .. 'retained', unpack(ids))
end
return #ids
