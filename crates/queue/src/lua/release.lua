-- Hands a job back that a worker could not finish in time: it keeps its place, and no attempt is spent.
-- ARGV 1 id, 2 token, 3 '1' when its call may have been sent     Answers 'done' | 'again' | 'lost'
local job, why = take_back(ARGV[1], ARGV[2])
if not job then return why end
local key = job_key(ARGV[1])
if ARGV[3] == '1' then
  redis.call('HINCRBY', key, 'calls', 1)
  redis.call('HINCRBY', key, 'unanswered', 1)
end
redis.call('HSET', key, 'state', 'waiting', 'settled', ARGV[2])
redis.call('HDEL', key, 'worker', 'leased')
make_ready(ARGV[1], job.kind, job.priority, true)
return 'done'
