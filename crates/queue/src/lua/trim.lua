-- Drops finished jobs whose retention is over, a few at a time.
-- ARGV 1 'completed' | 'dead' | 'cancelled', 2 retention (ms), 3 how many at most     Answers how many went
local ids = redis.call('ZRANGEBYSCORE', P .. ARGV[1], '-inf', now - ARGV[2], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  -- Not read as JSON: of a million jobs few have one.
  local reference = string.match(redis.call('HGET', job_key(id), 'header') or '', '"reference_index":"(%w+)"')
  if reference then redis.call('ZREM', P .. 'reference:' .. reference, id) end
  redis.call('UNLINK', job_key(id))
end
if #ids > 0 then
  redis.call('ZREM', P .. ARGV[1], unpack(ids))
  redis.call('ZREM', P .. 'retained', unpack(ids))
end
return #ids
