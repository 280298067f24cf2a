-- Hands a job back that a worker could not finish in time: it keeps its place, and no attempt is spent.
-- ARGV 1 session, 2 batch, 3 id, 4 '1' when its call may have been sent     Answers 'done' | 'again' | 'lost'
local session, batch, id, started = unpack(ARGV)
local why = take_back(session, batch, id)
if why then return why end
local key = job_key(id)
local f = redis.call('HMGET', key, 'label', 'spent')
local label = label_of(f[1])
if not label then return 'lost' end
if started == '1' then
  local spent = spent_of(f[2])
  spent.calls, spent.unanswered = spent.calls + 1, spent.unanswered + 1
  redis.call('HSET', key, 'spent', cjson.encode(spent))
end
redis.call('HSET', key, 'settled', session .. ' ' .. batch)
make_ready(id, label.kind, label.priority, true)
return 'done'
