-- Sweeping: handles what has become due, a bounded number at once. Jobs of dead workers stall, deadlines pass, scheduled jobs
-- become ready.

-- Returns when the first member of a set is due (ms). Each set is read once.
local known_first = {}
local function first_due(set)
  if not known_first[set] then
    known_first[set] = tonumber(redis.call('ZRANGE', P .. set, 0, 0, 'WITHSCORES')[2]) or math.huge
  end
  return known_first[set]
end
-- Returns whether a member of a set is due. The caller then changes the set, so the time is read anew afterwards.
local function is_due(set)
  if first_due(set) > now then return false end
  known_first[set] = nil
  return true
end

-- Takes the jobs of workers without a heartbeat.
local function sweep_workers(max_stalls, holds_ambiguous, retention_ms, keep_results)
  if not is_due('workers') then return end
  local most = 100
  for _, lost in ipairs(redis.call('ZRANGEBYSCORE', P .. 'workers', '-inf', now, 'LIMIT', 0, 10)) do
    for _, id in ipairs(most > 0 and redis.call('HRANDFIELD', leases_key(lost), most) or {}) do
      stall(id, lost, max_stalls, holds_ambiguous, retention_ms, keep_results)
      most = most - 1
    end
    write_ready_queues()
    if redis.call('EXISTS', leases_key(lost)) == 0 then redis.call('ZREM', P .. 'workers', lost) end
  end
end

-- Drops an id that waited without a job, or with one that has ended: a script stopped before that left its place, and the end is
-- finished here. Only the repetition of a completion can publish it, so it has a minute for that.
local function drop(id, retention_ms, keep_results)
  local f = redis.call('HMGET', job_key(id), 'header', 'progress')
  local header, progress = header_of(f[1]), progress_of(f[2])
  if header and progress.state == 'completed' and not redis.call('ZSCORE', P .. 'completed', id) then
    redis.call('ZADD', P .. 'scheduled', now + 60000, id)
  elseif header and progress.state and progress.state ~= 'completed' then
    finish_again(id, header, progress, retention_ms, keep_results)
  elseif header and header.coalescing then
    pass_on(id, header.coalescing.index, header.kind)
  end
end

-- Ends followers of a leader that died because the provider failed: there may be more of them than one script ends. Returns
-- whether any are left.
local function sweep_followers(retention_ms, keep_results)
  local leader = redis.call('HRANDFIELD', P .. 'failed')
  if not leader then return false end
  local how = read_json(redis.call('HGET', P .. 'failed', leader))
  end_some(leader, how.code or 'unknown', how.sentence or '', retention_ms, keep_results)
  return redis.call('EXISTS', P .. 'failed') == 1
end

-- Ends waiting jobs whose deadline has passed.
local function sweep_deadlines(lease_ms, retention_ms, keep_results)
  if not is_due('deadlines') then return end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'deadlines', '-inf', now, 'LIMIT', 0, 10)) do
    local f = redis.call('HMGET', job_key(id), 'header', 'progress')
    local header, progress = header_of(f[1]), progress_of(f[2])
    if not header then
      redis.call('ZREM', P .. 'deadlines', id)
    elseif progress.state then
      -- Only a script that stopped amid its end leaves it here.
      finish_again(id, header, progress, retention_ms, keep_results, function() leave_place(id, header) end)
      redis.call('ZREM', P .. 'deadlines', id)
    elseif lease_holder(id) then
      -- The worker that has it ends it, unless it comes back.
      redis.call('ZADD', P .. 'deadlines', now + lease_ms, id)
    else
      finish_here(id, header, 'dead', progress, 'deadline_passed', 'Its deadline passed before its turn came.', retention_ms,
        keep_results, function() leave_place(id, header) end)
      redis.call('ZREM', P .. 'deadlines', id)
    end
  end
end

-- Makes scheduled jobs ready that are due.
local function sweep_scheduled(retention_ms, keep_results)
  if not is_due('scheduled') then return end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'scheduled', '-inf', now, 'LIMIT', 0, 200)) do
    local f = redis.call('HMGET', job_key(id), 'header', 'progress')
    local header, progress = header_of(f[1]), progress_of(f[2])
    if header and progress.state then
      finish_again(id, header, progress, retention_ms, keep_results)
    elseif header then
      end_old_leases(id, progress)
      make_ready(id, header, progress, false)
      -- Its leader may be found by those that come next.
      if header.coalescing then write_joined() end
    elseif f[1] then
      finish_here(id, { kind = 'unknown', tenant = '' }, 'dead', progress, 'unreadable',
        'Its data in Redis cannot be read.', retention_ms, keep_results)
    end
    if header and header.coalescing then redis.call('ZREM', P .. 'scheduled', id) else later('ZREM', P .. 'scheduled', id) end
  end
end

-- After the clock was set back: reschedules attempts whose time was computed from the clock before. A `not_before` that the
-- producer set is not changed.
local function sweep_set_back()
  local from, by = string.match(redis.call('GET', P .. 'set-back') or '', '^(%(?%d+) (%d+)$')
  if not from then return end
  known_first.scheduled = nil
  local late = redis.call('ZRANGEBYSCORE', P .. 'scheduled', from, '+inf', 'WITHSCORES', 'LIMIT', 0, 100)
  for i = 1, #late, 2 do
    local due = tonumber(late[i + 1])
    local header = header_of(redis.call('HGET', job_key(late[i]), 'header'))
    if header and header.not_before ~= due then redis.call('ZADD', P .. 'scheduled', whole(due - by), late[i]) end
  end
  if #late < 200 then return redis.call('DEL', P .. 'set-back') end
  redis.call('SET', P .. 'set-back', '(' .. late[#late] .. ' ' .. by)
end

-- Returns when the next of these is due (ms).
local function sweep_next()
  return math.min(first_due('scheduled'), first_due('workers'), first_due('deadlines'))
end

-- What a job may have left behind by the time a worker gets it, if a script stopped before it removed that: its place among the
-- followers, an earlier lease, or the place from which a person moved it.
local function leave_behind(id, header_text, progress)
  local coalescing_key = string.match(header_text, '"coalescing":{"index":"(%w+)"')
  if coalescing_key and redis.call('ZREM', followers_key(coalescing_key), id) == 1 then
    redis.call('ZREM', coalesced_key((header_of(header_text) or {}).kind or ''), id)
  end
  if progress then end_old_leases(id, progress) end
  for _, set in ipairs(progress and progress.moved and { 'scheduled', 'needs_decision', 'dead' } or {}) do
    redis.call('ZREM', P .. set, id)
  end
end

-- A lease script stopped amid this batch: its jobs leave the places where they waited before another worker finds them there.
local function finish_granting(token)
  local with, number = string.match(token or '', '^(.*) (%d+)$')
  if not with then return end
  local leases = redis.call('HGETALL', leases_key(with))
  for i = 1, #leases, 2 do
    local f = read_lease(leases[i + 1]) == number and redis.call('HMGET', job_key(leases[i]), 'header', 'progress') or {}
    local header = header_of(f[1])
    if header then
      leave_behind(leases[i], f[1], progress_of(f[2]))
      leave_place(leases[i], header)
    end
  end
  later('DEL', P .. 'granting')
  write_last()
end
