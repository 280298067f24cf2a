-- Drops finished jobs whose retention is over, a few at a time.
-- ARGV 1 'completed' | 'dead', 2 retention (ms), 3 how many at most     Answers how many went
local ids = redis.call('ZRANGEBYSCORE', P .. ARGV[1], '-inf', now - ARGV[2], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  redis.call('ZREM', P .. ARGV[1], id)
  redis.call('UNLINK', job_key(id))
end
return #ids
