-- Gives jobs to a worker, each with a fencing token and leave to send.
-- ARGV 1 worker, 2 how many at most, 3 lease (ms), 4 stalls allowed, 5 retention of dead jobs (ms),
--      6 results kept, 7.. kinds
-- Answers { now, when to ask again (ms from now) or -1, job, job, … }; a job is an array, see lease.rs
local worker, wanted, lease, max_stalls = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local retention, keep_results = ARGV[5], ARGV[6]

-- A full Redis refuses the first write of a script if it may grow: one that cannot stands in front of the others,
-- so that what is there can be finished.
redis.call('ZREM', P .. 'leases', '')

-- Leases that ran out: their worker died or hung. No attempt is spent, but a call may have been sent.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'leases', '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', P .. 'leases', id)
  local key = job_key(id)
  local f = redis.call('HMGET', key, 'kind', 'priority', 'tenant', 'reference', 'idempotency', 'attempts', 'worker', 'history')
  if f[1] then
    local stalls = redis.call('HINCRBY', key, 'stalls', 1)
    redis.call('HINCRBY', key, 'calls', 1)
    redis.call('HINCRBY', key, 'unanswered', 1)
    local line = cjson.encode({ at = now, attempt = (tonumber(f[6]) or 0) + 1, class = 'stalled', code = f[7] or '' })
    redis.call('HSET', key, 'history', with_line(f[8] or '', line))
    redis.call('HDEL', key, 'worker', 'leased')
    redis.call('HINCRBY', P .. 'stalls', f[1] .. (stalls > max_stalls and ' dead' or ' again'), 1)
    if stalls > max_stalls then
      redis.call('HSET', key, 'state', 'dead', 'code', 'stalled', 'sentence',
        'Its workers died or hung more often than is allowed.', 'finished', now)
      finish(id, { kind = f[1], tenant = f[3] or '', reference = f[4] or '', idempotency = f[5] }, 'dead', '', 'stalled',
        retention, keep_results)
    else
      redis.call('HSET', key, 'state', 'waiting')
      -- Once may be chance; whoever was there twice is a suspect, and waits apart.
      if stalls >= math.min(2, max_stalls) then
        redis.call('SADD', P .. 'suspects', id)
        make_ready(id, f[1], 'suspect', false)
      else
        make_ready(id, f[1], f[2], true)
      end
    end
  end
end

-- Jobs whose time has come.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'scheduled', '-inf', now, 'LIMIT', 0, 200)) do
  redis.call('ZREM', P .. 'scheduled', id)
  local f = redis.call('HMGET', job_key(id), 'kind', 'priority')
  if f[1] then
    redis.call('HDEL', job_key(id), 'due')
    make_ready(id, f[1], f[2], false)
  end
end

-- The kinds that may send now, beginning with another one at every turn.
local turn = redis.call('INCR', P .. 'turn')
local next_at, open, kinds = math.huge, {}, #ARGV - 6
for i = 1, kinds do
  local kind = ARGV[7 + (turn + i) % kinds]
  local parked = redis.call('HMGET', kind_key(kind), 'until', 'pauses')
  local parked_until = tonumber(parked[1]) or 0
  if parked_until == -1 or parked_until > now then
    if parked_until > now then next_at = math.min(next_at, parked_until) end
  else
    table.insert(open, { name = kind, pauses = parked[2] or '0' })
  end
end

-- Of seven turns four begin with the high jobs, two with the normal and one with the low: none starves.
-- They move on when every kind has had its turn, or with seven kinds each would always meet the same priority.
local seventh, order = math.floor(turn / math.max(kinds, 1)) % 7, { 'high', 'normal', 'low' }
if seventh >= 6 then order = { 'low', 'high', 'normal' } elseif seventh >= 4 then order = { 'normal', 'high', 'low' } end

local jobs, leases = {}, {}
local function take(kind, list, count)
  local before = #jobs
  for _, id in ipairs(count > 0 and redis.call('LPOP', ready_key(kind.name, list), count) or {}) do
    local key = job_key(id)
    local f = redis.call('HMGET', key, 'kind', 'token', 'tenant', 'request', 'attempts', 'max_attempts', 'deadline', 'calls',
      'unanswered')
    if f[1] then -- else it was dropped while it waited
      -- With its worker's name: a Redis that lost its last second could give a number out twice.
      local token = ((tonumber(string.match(f[2] or '', '^%d+')) or 0) + 1) .. ' ' .. worker
      redis.call('HSET', key, 'token', token, 'state', 'running', 'worker', worker, 'leased', now)
      table.insert(leases, now + lease)
      table.insert(leases, id)
      table.insert(jobs, { id, token, kind.name, kind.pauses, f[3] or '', f[4] or '', f[5] or '0', f[6] or '',
        f[7] or '0', f[8] or '0', f[9] or '0' })
    end
    if list == 'suspect' then redis.call('SREM', P .. 'suspects', id) end
  end
  return count - (#jobs - before)
end
local function take_in_order(kind, count)
  for _, priority in ipairs(order) do count = take(kind, priority, count) end
end

-- Of all suspects one is under way at a time, in whatever worker: who brings workers down goes down alone.
if redis.call('EXISTS', P .. 'suspects') == 1
  and not redis.call('ZSCORE', P .. 'leases', redis.call('GET', P .. 'suspect') or '') then
  for _, kind in ipairs(open) do
    if #jobs == 0 then take(kind, 'suspect', math.min(wanted, 1)) end
  end
  if jobs[1] then redis.call('SET', P .. 'suspect', jobs[1][1]) end
end
-- First an equal share for every open kind, then what is left over.
for _, kind in ipairs(open) do take_in_order(kind, math.min(math.ceil(wanted / #open), wanted - #jobs)) end
for _, kind in ipairs(open) do take_in_order(kind, wanted - #jobs) end
for i = 1, #leases, 200 do redis.call('ZADD', P .. 'leases', unpack(leases, i, math.min(i + 199, #leases))) end

for _, set in ipairs({ 'scheduled', 'leases' }) do
  local first = redis.call('ZRANGE', P .. set, 0, 0, 'WITHSCORES')
  if first[2] then next_at = math.min(next_at, tonumber(first[2])) end
end
local answer = { now, next_at == math.huge and -1 or math.max(0, math.ceil(next_at - now)) }
for _, job in ipairs(jobs) do table.insert(answer, job) end
return answer
