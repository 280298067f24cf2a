-- Stands in front of every script. KEYS[1] is the queue's prefix, such as "{kyc}": all keys carry its hash
-- tag and lie in one slot of a cluster, so a script may build their names.
local P = KEYS[1] .. ':'
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000) -- milliseconds, on the only clock that decides
local now_text = string.format('%.0f', now) -- Redis takes its time to write a number

local function job_key(id) return P .. 'job:' .. id end
local function kind_key(kind) return P .. 'kind:' .. kind end
local function ready_key(kind, list) return P .. 'ready:' .. kind .. ':' .. list end
-- What a worker holds: for each job the number of the batch that it came with, its fencing token.
local function held_key(session) return P .. 'held:' .. session end
-- The number of the last batch that a worker was given, for a while.
local function batch_key(session) return P .. 'batch:' .. session end
local function holds(session, id, batch)
  return tonumber(redis.call('HGET', held_key(session), id) or '-1') == tonumber(batch)
end

-- What is counted by the minute, for two days; written once, at the end of a script.
local tallies = {}
local function tally(what, by) tallies[what] = (tallies[what] or 0) + (by or 1) end
local function write_tallies()
  local key = P .. 'minute:' .. math.floor(now / 60000)
  for what, by in pairs(tallies) do
    if redis.call('HINCRBY', key, what, by) == by then redis.call('EXPIRE', key, 48 * 3600) end
  end
end

local function read_json(text)
  local read, value = pcall(cjson.decode, text or '')
  return read and type(value) == 'table' and value or {}
end
-- What stands on a job without opening it; nil when that cannot be read.
local function label_of(text)
  local label = read_json(text)
  return label.kind and label
end
-- What a job went through so far; empty at first.
local function story_of(text)
  local story = read_json(text)
  for _, count in ipairs({ 'attempts', 'calls', 'unanswered', 'stalls' }) do story[count] = story[count] or 0 end
  return story
end
-- Puts a job where it waits: behind the others of its kind, or in front when it had been taken before. A suspect waits
-- apart, however it came back.
local function make_ready(id, label, story, in_front)
  local kind, list = label.kind, label.priority
  if story.suspect then
    redis.call('SADD', P .. 'suspects', id)
    list, in_front = 'suspect', false
  end
  local length = redis.call(in_front and 'LPUSH' or 'RPUSH', ready_key(kind, list), id)
  -- Workers sleep only after they found the list empty, so only the first entry has to wake them.
  if length == 1 then redis.call('PUBLISH', P .. 'wake', kind) end
end

-- Only the worker that holds a job, under this very lease, may settle it. Answers nil, or why not: 'again' when this
-- settlement was applied before and its answer was lost, 'lost' when the lease has gone.
local function take_back(session, batch, id)
  if holds(session, id, batch) then
    redis.call('HDEL', held_key(session), id)
    return nil
  end
  local story = read_json(redis.call('HGET', job_key(id), 'story'))
  return story.by == session .. ' ' .. batch and 'again' or 'lost'
end

-- Publishes the end of a job.
local function publish(result, keep_results)
  redis.call('XADD', P .. 'results', 'MAXLEN', '~', keep_results, '*', 'result', result)
end

-- The end of a job without an outcome, after its story was written: it goes to its set, its end is published, its
-- idempotency key begins to expire.
local function finish(id, label, state, code, retention_ms, keep_results)
  redis.call('ZADD', P .. state, now_text, id)
  publish(cjson.encode({ id = id, kind = label.kind, tenant = label.tenant, reference = label.reference or '',
    state = state, verdict = '', reasons = { code } }), keep_results)
  redis.call('PUBLISH', P .. 'done', id)
  if label.deadline then redis.call('ZREM', P .. 'deadlines', id) end
  if label.idempotency then redis.call('PEXPIRE', P .. 'idempotency:' .. label.idempotency, retention_ms) end
  tally(state .. ' ' .. label.kind)
end

-- The end of a job that the queue itself decides.
local function finish_here(id, label, state, story, code, sentence, retention_ms, keep_results)
  story.state, story.code, story.sentence = state, code, sentence
  redis.call('HSET', job_key(id), 'story', cjson.encode(story))
  finish(id, label, state, code, retention_ms, keep_results)
end

-- A job whose worker gave no sign of life. No attempt is spent, but a call may have been sent.
local function stall(id, max_stalls, retention_ms, keep_results)
  local key = job_key(id)
  local f = redis.call('HMGET', key, 'label', 'story')
  if not f[1] then return end -- it was dropped meanwhile
  local label, story = label_of(f[1]), story_of(f[2])
  if story.state then return end
  story.stalls, story.calls, story.unanswered = story.stalls + 1, story.calls + 1, story.unanswered + 1
  story.history = story.history or {}
  table.insert(story.history, { at = now, attempt = story.attempts + 1, class = 'stalled' })
  if #story.history > 40 then table.remove(story.history, 1) end
  local kind = label and label.kind or 'unknown'
  tally('stalled ' .. kind)
  redis.call('HINCRBY', P .. 'stalls', kind .. (story.stalls > max_stalls and ' dead' or ' again'), 1)
  if not label or story.stalls > max_stalls then
    finish_here(id, label or { kind = kind, tenant = '' }, 'dead', story, 'stalled',
      'Its workers died or hung more often than is allowed.', retention_ms, keep_results)
    return
  end
  -- Once may be chance; whoever was there twice is a suspect.
  story.suspect = story.stalls >= math.min(2, max_stalls) or nil
  redis.call('HSET', key, 'story', cjson.encode(story))
  make_ready(id, label, story, true)
end

-- Who holds a job; O(workers).
local sessions
local function holder(id)
  sessions = sessions or redis.call('ZRANGE', P .. 'workers', 0, -1)
  for _, session in ipairs(sessions) do
    if redis.call('HEXISTS', held_key(session), id) == 1 then return session end
  end
end

-- A worker is heard. After a silence of all of them it was Redis that was away: each gets a lease's time to say that it
-- lives, or all jobs under way would be taken from workers that hold their answers.
local function hear(lease)
  local last = tonumber(redis.call('GET', P .. 'heard') or now_text)
  if now - last > lease / 2 then
    for _, session in ipairs(redis.call('ZRANGE', P .. 'workers', 0, -1)) do
      redis.call('ZADD', P .. 'workers', now + lease, session)
    end
  end
  redis.call('SET', P .. 'heard', now_text)
end

-- A suspect may have ended, and the next one may begin.
local function wake_for_suspects()
  if redis.call('EXISTS', P .. 'suspects') == 1 then redis.call('PUBLISH', P .. 'wake', 'suspect') end
end

-- Takes a job out of its line. Its id stays in the list, as a ghost, until its turn comes: to search the list would
-- take as long as the list is. Answers where the ghost is.
local function leave_line(id, label)
  if redis.call('ZREM', P .. 'scheduled', id) == 1 then return nil end
  local list = redis.call('SISMEMBER', P .. 'suspects', id) == 1 and 'suspect' or label.priority
  redis.call('HINCRBY', P .. 'ghosts', label.kind .. ':' .. list, 1)
  return label.kind .. ':' .. list
end

-- The ghost of a job is out of its list, or no ghost any more.
local function lay_ghost(id, list)
  if redis.call('HINCRBY', P .. 'ghosts', list, -1) <= 0 then redis.call('HDEL', P .. 'ghosts', list) end
  local story = read_json(redis.call('HGET', job_key(id), 'story'))
  if story.ghost then
    story.ghost = nil
    redis.call('HSET', job_key(id), 'story', cjson.encode(story))
  end
end
