-- Ready queues. Each kind has one for each priority, one for quarantined jobs and one for deferred jobs. A ready queue is a
-- sorted set of ids by start tag (start-time fair queueing). A job's start tag is one more than that of its tenant's last job,
-- and never less than the tag that is being served, so tenants take turns however many jobs each of them has.
local queues = {}
local function ready_queue_of(kind, list)
  local name = kind .. ':' .. list
  if not queues[name] then
    queues[name] = { kind = kind, key = P .. 'ready:' .. name, tags_key = P .. 'start-tags:' .. name, last = {}, joining = {} }
  end
  return queues[name]
end

-- Adds a job to its ready queue: as the next one of its tenant, or in front of all others if it was leased before.
local function join(id, kind, list, tenant, in_front)
  local queue = ready_queue_of(kind, list)
  -- The tag that is being served. A job in front of all others has one that is smaller by a half.
  queue.tag = queue.tag or math.ceil(tonumber(redis.call('ZRANGE', queue.key, 0, 0, 'WITHSCORES')[2] or '0'))
  local tag = queue.tag - 0.5
  if not in_front then
    tag = math.max(queue.tag, queue.last[tenant] or tonumber(redis.call('HGET', queue.tags_key, tenant) or '0'))
    queue.last[tenant] = tag + 1
  end
  table.insert(queue.joining, tag)
  table.insert(queue.joining, id)
end

-- Writes the jobs that joined. A worker sleeps only after it found the queue empty, so only the first jobs need to wake it.
local function write_joined()
  for _, queue in pairs(queues) do
    local joining, last = queue.joining, {}
    for i = 1, #joining, 400 do
      redis.call('ZADD', queue.key, unpack(joining, i, math.min(i + 399, #joining)))
    end
    for tenant, tag in pairs(queue.last) do
      table.insert(last, tenant)
      table.insert(last, tag)
    end
    for i = 1, #last, 400 do redis.call('HSET', queue.tags_key, unpack(last, i, math.min(i + 399, #last))) end
    if #joining > 0 and redis.call('ZCARD', queue.key) * 2 == #joining then
      redis.call('PUBLISH', P .. 'wake', queue.kind)
    end
  end
  queues = {}
end

-- Writes the jobs that joined, and then removes jobs from where they were.
local function write_ready_queues()
  write_joined()
  write_last()
end

-- Returns the ids of the jobs at the head of a ready queue.
local function head_of(kind, list, count)
  return redis.call('ZRANGE', ready_queue_of(kind, list).key, 0, count - 1)
end

-- Removes these jobs from the head of a ready queue, of which so many were wanted.
local function take_from(kind, list, ids, count)
  if count == 0 then return end
  local queue = ready_queue_of(kind, list)
  if #ids > 0 then redis.call('ZREMRANGEBYRANK', queue.key, 0, #ids - 1) end
  if list == 'quarantined' and #ids > 0 then redis.call('SREM', P .. 'quarantined', unpack(ids)) end
  -- In an empty queue all start tags begin anew.
  if #ids < count or redis.call('EXISTS', queue.key) == 0 then redis.call('UNLINK', queue.tags_key) end
end

-- Removes one job from a ready queue. Returns whether it was there.
local function leave_ready_queue(id, header, list)
  write_joined() -- it may have joined in this very call
  local queue = ready_queue_of(header.kind, list)
  if redis.call('ZREM', queue.key, id) == 0 then return false end
  -- Its start tag goes to the next job of its tenant, which would otherwise wait for tags that no job has.
  if redis.call('EXISTS', queue.key) == 0 then
    redis.call('UNLINK', queue.tags_key)
  else
    redis.call('HINCRBY', queue.tags_key, header.tenant, -1)
  end
  return true
end

-- A quarantined job may have ended, and the next one may begin.
local function wake_for_quarantined()
  if redis.call('EXISTS', P .. 'quarantined') == 1 then redis.call('PUBLISH', P .. 'wake', 'quarantined') end
end

-- Holds a job whose call may have been billed without an answer: it is not called again before a person decides. The script
-- returns the jobs that it held: id, kind, …
local for_decision = {}
local function hold_for_decision(id, kind)
  table.insert(for_decision, id)
  table.insert(for_decision, kind)
  redis.call('ZADD', P .. 'needs_decision', now_text, id)
  tally('held ' .. kind)
end

-- The last step of every script: writes what was collected.
local function write_down()
  write_ready_queues()
  write_in_flight()
  write_tallies()
end
