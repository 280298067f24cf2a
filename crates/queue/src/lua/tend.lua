-- What time brings, a bounded number at once: workers are lost, last moments pass, jobs become due.

-- Workers that gave no sign of life: their jobs go to others.
local function tend_workers(max_stalls, ask, retention, keep_results)
  local most = 100
  for _, lost in ipairs(redis.call('ZRANGEBYSCORE', P .. 'workers', '-inf', now, 'LIMIT', 0, 10)) do
    for _, id in ipairs(most > 0 and redis.call('HRANDFIELD', held_key(lost), most) or {}) do
      stall(id, let_go(lost, id), max_stalls, ask, retention, keep_results)
      most = most - 1
    end
    if redis.call('EXISTS', held_key(lost)) == 0 then redis.call('ZREM', P .. 'workers', lost) end
  end
end

-- Jobs whose last moment has passed while they waited.
local function tend_deadlines(lease, retention, keep_results)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'deadlines', '-inf', now, 'LIMIT', 0, 10)) do
    redis.call('ZREM', P .. 'deadlines', id)
    local f = redis.call('HMGET', job_key(id), 'label', 'story')
    local label, story = label_of(f[1]), story_of(f[2])
    if label and not story.state and holder(id) then
      -- Who has it now will see to it, unless it comes back.
      redis.call('ZADD', P .. 'deadlines', now + lease, id)
    elseif label and not story.state then
      leave_line(id, label)
      finish_here(id, label, 'dead', story, 'deadline_passed', 'Its deadline passed before its turn came.', retention,
        keep_results)
    end
  end
end

-- Jobs whose time has come.
local function tend_scheduled(retention, keep_results)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'scheduled', '-inf', now, 'LIMIT', 0, 200)) do
    redis.call('ZREM', P .. 'scheduled', id)
    local f = redis.call('HMGET', job_key(id), 'label', 'story')
    local label, story = label_of(f[1]), story_of(f[2])
    if label then
      make_ready(id, label, story, false)
    elseif f[1] then
      finish_here(id, { kind = 'unknown', tenant = '' }, 'dead', story, 'unreadable',
        'What stands on it cannot be read.', retention, keep_results)
    end
  end
end

-- When one of them is due next, in milliseconds.
local function tend_next()
  local at = math.huge
  for _, set in ipairs({ 'scheduled', 'workers', 'deadlines' }) do
    local first = redis.call('ZRANGE', P .. set, 0, 0, 'WITHSCORES')
    if first[2] then at = math.min(at, tonumber(first[2])) end
  end
  return at
end
