-- Gives jobs another life: dead ones begin anew, those that wait for their next attempt begin it now. What they have
-- cost so far stays with them.
-- ARGV ids     Answers how many
local count = 0
for _, id in ipairs(ARGV) do
  local key = job_key(id)
  local f = redis.call('HMGET', key, 'label', 'state', 'spent')
  local label = label_of(f[1])
  if label and f[2] == 'dead' and redis.call('ZREM', P .. 'dead', id) == 1 then
    local spent = spent_of(f[3])
    spent.attempts, spent.stalls = 0, 0
    redis.call('HSET', key, 'spent', cjson.encode(spent))
    redis.call('HDEL', key, 'state', 'finished', 'code', 'sentence', 'settled')
    local index = label.idempotency and P .. 'idempotency:' .. label.idempotency
    if index and string.match(redis.call('GET', index) or '', '^(%w+) ') == id then redis.call('PERSIST', index) end
    if label.deadline and label.deadline > now then redis.call('ZADD', P .. 'deadlines', label.deadline, id) end
    make_ready(id, label.kind, label.priority, false)
    count = count + 1
  elseif label and redis.call('ZREM', P .. 'scheduled', id) == 1 then
    redis.call('HDEL', key, 'due')
    make_ready(id, label.kind, label.priority, false)
    count = count + 1
  end
end
return count
