-- Where a job waits. Jobs of one tenant and purpose that ask for the same number ask the same question, and one answer
-- does for all of them: one leads and goes in line, the others follow and wait for what it brings. What was answered
-- lately is not asked again.
local function leader_key(question) return P .. 'leader:' .. question end
local function followers_key(question) return P .. 'followers:' .. question end
local function answer_key(question) return P .. 'answer:' .. question end
local function coalesced_key(kind) return P .. 'line:' .. kind .. ':coalesced' end
local function answered_key(kind) return P .. 'line:' .. kind .. ':answered' end

-- The verification whose answer does for a job: a record that is young enough, or whatever came after the job was
-- accepted. That there was no record then says little of now.
local function answer_for(label)
  local answer = redis.call('GET', answer_key(label.question.index)) or ''
  local source, at, has_record = string.match(answer, '^(%w+) (%d+) ([01])$')
  if not source then return nil end
  local is_young = has_record == '1' and now - at <= label.question.window
  return (is_young or label.enqueued <= tonumber(at)) and source or nil
end

-- Those who wait for an answer stand by priority, and then by time.
local RANKS = { high = 1, normal = 2, low = 3 }
local function rank_of_priority(label) return RANKS[label.priority] or 3 end
local function follow(id, label)
  local score = whole(rank_of_priority(label) * 10000000000000 + now)
  redis.call('ZADD', followers_key(label.question.index), score, id)
  redis.call('ZADD', coalesced_key(label.kind), score, id)
end

-- Jobs whose answer is there: they need a worker, and no call.
local function await_worker(kind, scored)
  redis.call('ZADD', answered_key(kind), unpack(scored))
  redis.call('SADD', P .. 'answered', kind)
  redis.call('PUBLISH', P .. 'wake', kind)
end

-- Whoever leads in a line gives way to a more urgent job, and follows it.
local function gives_way(leader, label)
  local theirs = label_of(redis.call('HGET', job_key(leader), 'label'))
  if not theirs then return true end -- it was dropped
  if rank_of_priority(theirs) <= rank_of_priority(label) then return false end
  write_lines()
  if not leave_own_line(leader, theirs, theirs.priority) then return false end
  follow(leader, theirs)
  return true
end

-- Whether a job waits for the answer of another one; if not, it asks itself, and others may follow it.
local function coalesce(id, label, is_suspect)
  if not label.question or label.question.fresh or is_suspect then return false end
  local question = label.question.index
  if answer_for(label) then
    await_worker(label.kind, { now_text, id })
    return true
  end
  local leader = redis.call('GET', leader_key(question))
  if leader and leader ~= id and not gives_way(leader, label) then
    follow(id, label)
    return true
  end
  redis.call('SET', leader_key(question), id)
  return false
end

-- A job that asked this has ended. Who follows it gets the answer, so many at once, and each that takes it passes it on;
-- without an answer the next one leads.
local PASSED_ON = 100
local function pass_on(id, question, kind)
  local leader = redis.call('GET', leader_key(question))
  if leader == id then
    redis.call('DEL', leader_key(question))
    leader = false
  end
  local is_answered = redis.call('EXISTS', answer_key(question)) == 1
  if leader and not is_answered then return end
  local popped, ids, scored = redis.call('ZPOPMIN', followers_key(question), is_answered and PASSED_ON or 1), {}, {}
  for i = 1, #popped, 2 do
    table.insert(ids, popped[i])
    table.insert(scored, popped[i + 1])
    table.insert(scored, popped[i])
  end
  if #ids == 0 then return end
  redis.call('ZREM', coalesced_key(kind), unpack(ids))
  if is_answered then return await_worker(kind, scored) end
  local label = label_of(redis.call('HGET', job_key(ids[1]), 'label')) or {}
  redis.call('SET', leader_key(question), ids[1])
  join(ids[1], kind, label.priority or 'normal', label.tenant or '', false)
end

-- Puts a job where it waits. A suspect waits apart, however it came back.
local function make_ready(id, label, story, in_front)
  if coalesce(id, label, story.suspect) then return end
  if story.suspect then redis.call('SADD', P .. 'suspects', id) end
  join(id, label.kind, story.suspect and 'suspect' or label.priority, label.tenant, in_front and not story.suspect)
end

-- Takes one job out of wherever it waits.
local function leave_line(id, label)
  if redis.call('ZREM', P .. 'scheduled', id) == 1 then return end
  if redis.call('ZREM', P .. 'asking', id) == 1 then return end
  if label.question then
    redis.call('ZREM', followers_key(label.question.index), id)
    if redis.call('ZREM', coalesced_key(label.kind), id) == 1 then return end
    if redis.call('ZREM', answered_key(label.kind), id) == 1 then return end
  end
  local suspect = redis.call('SREM', P .. 'suspects', id) == 1
  leave_own_line(id, label, suspect and 'suspect' or label.priority)
end
