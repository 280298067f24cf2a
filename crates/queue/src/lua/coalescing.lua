-- Coalescing. Jobs of one tenant and purpose that need the same answer have the same coalescing key, and one answer serves all
-- of them: one job leads and becomes ready, the others follow and wait for its answer. A recent answer is used again without a
-- call.
local function leader_key(coalescing_key) return P .. 'leader:' .. coalescing_key end
local function followers_key(coalescing_key) return P .. 'followers:' .. coalescing_key end
local function answer_key(coalescing_key) return P .. 'answer:' .. coalescing_key end
local function coalesced_key(kind) return P .. 'ready:' .. kind .. ':coalesced' end
local function cached_key(kind) return P .. 'ready:' .. kind .. ':cached' end

-- Returns the verification whose answer serves a job. The answer must be within the window, and be a record, or have come after
-- the job was accepted and due: an older answer without a record says little about the present.
local function answer_for(header)
  local answer = redis.call('GET', answer_key(header.coalescing.index)) or ''
  local from, at, has_record = string.match(answer, '^(%w+) (%d+) ([01])$')
  if not from then return nil end
  local wanted_since = math.max(header.enqueued, header.not_before or 0)
  local does = now - at <= header.coalescing.window and (has_record == '1' or wanted_since < tonumber(at))
  return does and from or nil
end

-- Stores an answer that came at that time for jobs with the same coalescing key while its window lasts, unless there is a newer
-- one.
local function answer_found(coalescing_key, id, at, has_record, window)
  at = math.min(at, now)
  local known_at = string.match(redis.call('GET', answer_key(coalescing_key)) or '', '^%w+ (%d+) [01]$')
  local left = window - (now - at)
  if left <= 0 or known_at and tonumber(known_at) > at then return end
  redis.call('SET', answer_key(coalescing_key), id .. ' ' .. whole(at) .. ' ' .. has_record, 'PX', whole(left))
end

-- Followers are ordered by priority, then by time.
local RANKS = { high = 1, normal = 2, low = 3 }
local function rank_of_priority(header) return RANKS[header.priority] or 3 end
local function score_of(header) return whole(rank_of_priority(header) * 10000000000000 + now) end
local function follow(id, header)
  local score = score_of(header)
  redis.call('ZADD', followers_key(header.coalescing.index), score, id)
  redis.call('ZADD', coalesced_key(header.kind), score, id)
end

-- Makes jobs wait for a worker whose answer exists. They need no call.
local function await_worker(kind, scored)
  redis.call('ZADD', cached_key(kind), unpack(scored))
  redis.call('SADD', P .. 'cached', kind)
  redis.call('PUBLISH', P .. 'wake', kind)
end

-- Makes a waiting leader follow a more urgent job. Returns whether the leader gave way. A leader that is accepted in this very call
-- is ready, and scheduled until the end of the call.
local function gives_way(leader, header)
  local f = redis.call('HMGET', job_key(leader), 'header', 'progress')
  local theirs = header_of(f[1])
  -- It was deleted, or was ended by a version that does not know coalescing keys.
  if not theirs or read_json(f[2]).state then return true end
  if rank_of_priority(theirs) <= rank_of_priority(header) then return false end
  -- Its answer only needs to be stored: a new call would not be faster.
  if read_json(f[2]).answer == 'ready' then return false end
  write_joined()
  if not redis.call('ZSCORE', ready_queue_of(theirs.kind, theirs.priority).key, leader) then
    -- It will follow when it is due.
    if redis.call('ZSCORE', P .. 'scheduled', leader) then return true end
    -- An earlier script may have stopped when it had given way.
    return redis.call('ZSCORE', followers_key(header.coalescing.index), leader) and not lease_holder(leader)
  end
  follow(leader, theirs)
  leave_ready_queue(leader, theirs, theirs.priority)
  return true
end

-- Returns whether a job waits for the answer of another one. If not, it leads and makes the call itself, and others may follow
-- it.
local function coalesce(id, header, is_quarantined)
  if not header.coalescing or header.coalescing.fresh or is_quarantined then return false end
  local coalescing_key = header.coalescing.index
  if answer_for(header) then
    await_worker(header.kind, { score_of(header), id })
    return true
  end
  local leader = redis.call('GET', leader_key(coalescing_key))
  if leader and leader ~= id and not gives_way(leader, header) then
    follow(id, header)
    return true
  end
  redis.call('SET', leader_key(coalescing_key), id)
  return false
end

-- A job with this coalescing key has ended. With an answer a bounded number of followers continue in each script, and each of
-- them continues at least two more. Without an answer the next follower leads.
local most_passed_on = 100
local function pass_on(id, coalescing_key, kind)
  local leader = redis.call('GET', leader_key(coalescing_key))
  if leader == id then
    redis.call('DEL', leader_key(coalescing_key))
    leader = false
  end
  local first = redis.call('ZRANGE', followers_key(coalescing_key), 0, 0)[1]
  local header = first and (header_of(redis.call('HGET', job_key(first), 'header')) or {})
  local is_cached = header and header.coalescing and answer_for(header)
  if not first or leader and leader ~= first and not is_cached then return end
  local count = is_cached and math.max(2, most_passed_on) or 1
  local popped, ids, scored = redis.call('ZRANGE', followers_key(coalescing_key), 0, count - 1, 'WITHSCORES'), {}, {}
  for i = 1, #popped, 2 do
    table.insert(ids, popped[i])
    table.insert(scored, popped[i + 1])
    table.insert(scored, popped[i])
  end
  most_passed_on = most_passed_on - #ids
  if is_cached then
    await_worker(kind, scored)
  elseif leader ~= first then -- else an earlier script stopped after it led
    join(first, kind, header.priority or 'normal', header.tenant or '', false)
    write_joined()
    redis.call('SET', leader_key(coalescing_key), first)
  end
  -- They follow until they are where they go.
  redis.call('ZREM', coalesced_key(kind), unpack(ids))
  redis.call('ZREM', followers_key(coalescing_key), unpack(ids))
end

-- Returns the ready queue of a job. Quarantined and deferred jobs have ready queues of their own, however they came back.
local function list_of(progress, priority)
  return progress.quarantined and 'quarantined' or progress.deferred and 'deferred' or priority
end

-- Makes a job ready, or lets it follow a leader. A job whose own retained answer is to be read needs no call.
local function make_ready(id, header, progress, in_front)
  if progress.answer == 'ready' then return await_worker(header.kind, { score_of(header), id }) end
  if coalesce(id, header, progress.quarantined) then return end
  if progress.quarantined then redis.call('SADD', P .. 'quarantined', id) end
  join(id, header.kind, list_of(progress, header.priority), header.tenant, in_front and not progress.quarantined)
end

-- Removes a job from the place where it waits. Returns whether it waited.
local function leave_place(id, header)
  if redis.call('ZREM', P .. 'scheduled', id) == 1 then return true end
  if redis.call('ZREM', P .. 'needs_decision', id) == 1 then return true end
  if redis.call('ZREM', cached_key(header.kind), id) == 1 then return true end
  -- If a script stopped when it made a follower lead, the job is ready as well.
  local was_following = false
  if header.coalescing then
    redis.call('ZREM', followers_key(header.coalescing.index), id)
    was_following = redis.call('ZREM', coalesced_key(header.kind), id) == 1
  end
  local is_quarantined = redis.call('SREM', P .. 'quarantined', id) == 1
  if leave_ready_queue(id, header, is_quarantined and 'quarantined' or header.priority) then return true end
  return leave_ready_queue(id, header, 'deferred') or was_following
end
