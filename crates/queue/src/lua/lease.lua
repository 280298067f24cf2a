-- Gives jobs to a worker, each with leave to send.
-- ARGV 1 session, 2 number of the batch, 3 turn, 4 how many at most, 5 lease (ms), 6 stalls allowed, 7 retention of dead
--      jobs (ms), 8 results kept, 9.. kinds
-- Answers { when to ask again (ms from now) or -1, job, job, … }; a job is an array, see lease.rs
local session, batch, turn, wanted, lease = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local max_stalls, retention, keep_results = tonumber(ARGV[6]), ARGV[7], ARGV[8]
local kinds = #ARGV - 8

-- A full Redis refuses the first write of a script if it may grow: one that cannot stands in front of the others,
-- so that what is there can be finished.
redis.call('ZREM', P .. 'workers', '')
hear(lease)

-- Workers that gave no sign of life: their jobs go to others, a bounded number at once.
local most = 100
for _, lost in ipairs(redis.call('ZRANGEBYSCORE', P .. 'workers', '-inf', now, 'LIMIT', 0, 10)) do
  for _, id in ipairs(most > 0 and redis.call('HRANDFIELD', held_key(lost), most) or {}) do
    redis.call('HDEL', held_key(lost), id)
    stall(id, max_stalls, retention, keep_results)
    most = most - 1
  end
  if redis.call('EXISTS', held_key(lost)) == 0 then redis.call('ZREM', P .. 'workers', lost) end
end

-- Jobs whose last moment has passed while they waited.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'deadlines', '-inf', now, 'LIMIT', 0, 10)) do
  redis.call('ZREM', P .. 'deadlines', id)
  local f = redis.call('HMGET', job_key(id), 'label', 'story')
  local label, story = label_of(f[1]), story_of(f[2])
  if label and not story.state and holder(id) then
    -- Who has it now will see to it, unless it comes back.
    redis.call('ZADD', P .. 'deadlines', now + lease, id)
  elseif label and not story.state then
    story.ghost = leave_line(id, label)
    finish_here(id, label, 'dead', story, 'deadline_passed', 'Its deadline passed before its turn came.', retention,
      keep_results)
  end
end

-- Jobs whose time has come.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'scheduled', '-inf', now, 'LIMIT', 0, 200)) do
  redis.call('ZREM', P .. 'scheduled', id)
  local f = redis.call('HMGET', job_key(id), 'label', 'story')
  local label, story = label_of(f[1]), story_of(f[2])
  if label then
    make_ready(id, label, story, false)
  elseif f[1] then
    finish_here(id, { kind = 'unknown', tenant = '' }, 'dead', story, 'unreadable', 'What stands on it cannot be read.',
      retention, keep_results)
  end
end

-- The kinds that may send now, beginning with another one at every turn.
local next_at, open = math.huge, {}
for i = 1, kinds do
  local kind = ARGV[9 + (turn + i) % kinds]
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

local jobs, held = {}, {}
-- A job for the worker, unless it ended or was dropped while it waited.
local function hand_out(id, pauses)
  local f = redis.call('HMGET', job_key(id), 'label', 'request', 'story')
  if not f[1] or f[3] and read_json(f[3]).state then return false end
  table.insert(jobs, { id, pauses, f[1], f[2] or '', f[3] or '' })
  return true
end

local exhausted = {}
local function take(kind, list, count)
  local key, before = ready_key(kind.name, list), #jobs
  if count <= 0 or exhausted[key] then return count end
  local ids = redis.call('LPOP', key, count) or {}
  exhausted[key] = #ids < count
  for _, id in ipairs(ids) do
    if hand_out(id, kind.pauses) then
      table.insert(held, id)
      -- A value of more than 64 bytes makes Redis keep a table, and not a list that it searches from end to end.
      table.insert(held, #held == 1 and string.rep('0', 65) .. batch or batch)
    else
      lay_ghost(id, kind.name .. ':' .. list)
      next_at = now -- behind the ghosts others may wait
    end
    if list == 'suspect' then redis.call('SREM', P .. 'suspects', id) end
  end
  return count - (#jobs - before)
end
local function take_in_order(kind, count)
  for _, priority in ipairs(order) do count = take(kind, priority, count) end
end

-- A batch is given once. Asked for again, because its answer was lost, it is the same, without what was settled since;
-- an older one, whose request comes late, is nothing to anybody.
local last = tonumber(redis.call('GET', batch_key(session)) or '0')
if last == tonumber(batch) then
  local given = redis.call('HGETALL', held_key(session))
  for i = 1, #given, 2 do
    if tonumber(given[i + 1]) == last then
      local label = label_of(redis.call('HGET', job_key(given[i]), 'label'))
      hand_out(given[i], label and redis.call('HGET', kind_key(label.kind), 'pauses') or '0')
    end
  end
end

if last < tonumber(batch) then
  -- Of all suspects one is under way at a time, in whatever worker: who brings workers down goes down alone.
  if redis.call('EXISTS', P .. 'suspects') == 1 then
    local with, suspect = string.match(redis.call('GET', P .. 'suspect') or '', '^(.*) (%w+)$')
    if not with or redis.call('HEXISTS', held_key(with), suspect) == 0 then
      for _, kind in ipairs(open) do
        if #jobs == 0 then take(kind, 'suspect', math.min(wanted, 1)) end
      end
      if jobs[1] then redis.call('SET', P .. 'suspect', session .. ' ' .. jobs[1][1]) end
    end
  end
  -- First an equal share for every open kind, then what is left over.
  for _, kind in ipairs(open) do take_in_order(kind, math.min(math.ceil(wanted / #open), wanted - #jobs)) end
  for _, kind in ipairs(open) do take_in_order(kind, wanted - #jobs) end
end
for i = 1, #held, 400 do redis.call('HSET', held_key(session), unpack(held, i, math.min(i + 399, #held))) end
-- What it holds is its own for as long as it counts as alive.
if #jobs > 0 then
  redis.call('ZADD', P .. 'workers', now + lease, session)
  redis.call('SET', batch_key(session), batch, 'EX', 600)
end

for _, set in ipairs({ 'scheduled', 'workers', 'deadlines' }) do
  local first = redis.call('ZRANGE', P .. set, 0, 0, 'WITHSCORES')
  if first[2] then next_at = math.min(next_at, tonumber(first[2])) end
end
write_tallies()
local answer = { next_at == math.huge and -1 or math.max(0, math.ceil(next_at - now)) }
for _, job in ipairs(jobs) do table.insert(answer, job) end
return answer
