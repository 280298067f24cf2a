-- Prolongs the leases of a worker, and says that it lives.
-- ARGV 1 worker, 2 lease (ms), 3.. id, token, id, token, …     Answers the ids whose lease has gone
-- A full Redis refuses the first write of a script if it may grow: one that cannot stands in front of the others,
-- so that leases are kept and what is there can be finished.
redis.call('ZREMRANGEBYSCORE', P .. 'workers', '-inf', now - 60000)
redis.call('ZADD', P .. 'workers', now + ARGV[2], ARGV[1])
local lost = {}
for i = 3, #ARGV, 2 do
  local held = redis.call('HGET', job_key(ARGV[i]), 'token') == ARGV[i + 1] and redis.call('ZSCORE', P .. 'leases', ARGV[i])
  if held then redis.call('ZADD', P .. 'leases', now + ARGV[2], ARGV[i]) else table.insert(lost, ARGV[i]) end
end
return lost
