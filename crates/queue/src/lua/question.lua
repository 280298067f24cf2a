-- Where a job waits. Jobs of one tenant and purpose that ask for the same number ask the same question, and one answer
-- does for all of them: one leads and goes in line, the others follow and wait for what it brings. What was answered
-- lately is not asked again.
local function leader_key(question) return P .. 'leader:' .. question end
local function followers_key(question) return P .. 'followers:' .. question end
local function answer_key(question) return P .. 'answer:' .. question end
local function coalesced_key(kind) return P .. 'line:' .. kind .. ':coalesced' end
local function answered_key(kind) return P .. 'line:' .. kind .. ':answered' end

-- The verification whose answer does for a job, if it is young enough: a record, or whatever came after the job was to
-- be answered. That there was no record before says little of now.
local function answer_for(label)
  local answer = redis.call('GET', answer_key(label.question.index)) or ''
  local from, at, has_record = string.match(answer, '^(%w+) (%d+) ([01])$')
  if not from then return nil end
  local wanted_since = math.max(label.enqueued, label.not_before or 0)
  local does = now - at <= label.question.window and (has_record == '1' or wanted_since < tonumber(at))
  return does and from or nil
end

-- An answer came at that time: those who ask the same may have it while its window lasts, unless there is a newer one.
local function answer_found(question, id, at, has_record, window)
  at = math.min(at, now)
  local known_at = string.match(redis.call('GET', answer_key(question)) or '', '^%w+ (%d+) [01]$')
  local left = window - (now - at)
  if left <= 0 or known_at and tonumber(known_at) > at then return end
  redis.call('SET', answer_key(question), id .. ' ' .. whole(at) .. ' ' .. has_record, 'PX', whole(left))
end

-- Those who wait for an answer stand by priority, and then by time.
local RANKS = { high = 1, normal = 2, low = 3 }
local function rank_of_priority(label) return RANKS[label.priority] or 3 end
local function score_of(label) return whole(rank_of_priority(label) * 10000000000000 + now) end
local function follow(id, label)
  local score = score_of(label)
  redis.call('ZADD', followers_key(label.question.index), score, id)
  redis.call('ZADD', coalesced_key(label.kind), score, id)
end

-- Jobs whose answer is there: they need a worker, and no call.
local function await_worker(kind, scored)
  redis.call('ZADD', answered_key(kind), unpack(scored))
  redis.call('SADD', P .. 'answered', kind)
  redis.call('PUBLISH', P .. 'wake', kind)
end

-- Whoever leads and waits gives way to a more urgent job, and follows it.
local function gives_way(leader, label)
  local f = redis.call('HMGET', job_key(leader), 'label', 'story')
  local theirs = label_of(f[1])
  -- It was dropped, or ended by a version that knows of no questions.
  if not theirs or read_json(f[2]).state then return true end
  if rank_of_priority(theirs) <= rank_of_priority(label) then return false end
  -- Its answer is there, and only to be stored: nobody has it sooner by a call of its own.
  if read_json(f[2]).answer == 'ready' then return false end
  -- It follows when its time comes.
  if redis.call('ZSCORE', P .. 'scheduled', leader) then return true end
  if not leave_own_line(leader, theirs, theirs.priority) then return false end
  follow(leader, theirs)
  return true
end

-- Whether a job waits for the answer of another one; if not, it asks itself, and others may follow it.
local function coalesce(id, label, is_suspect)
  if not label.question or label.question.fresh or is_suspect then return false end
  local question = label.question.index
  if answer_for(label) then
    await_worker(label.kind, { score_of(label), id })
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

-- A job that asked this has ended. Who follows it gets the answer, so many in one script, and each that takes it passes it
-- on to two more at least; without an answer the next one leads.
local most_passed_on = 100
local function pass_on(id, question, kind)
  local leader = redis.call('GET', leader_key(question))
  if leader == id then
    redis.call('DEL', leader_key(question))
    leader = false
  end
  local first = redis.call('ZRANGE', followers_key(question), 0, 0)[1]
  local label = first and (label_of(redis.call('HGET', job_key(first), 'label')) or {})
  local is_answered = label and label.question and answer_for(label)
  if not first or leader and not is_answered then return end
  local count = is_answered and math.max(2, most_passed_on) or 1
  local popped, ids, scored = redis.call('ZPOPMIN', followers_key(question), count), {}, {}
  for i = 1, #popped, 2 do
    table.insert(ids, popped[i])
    table.insert(scored, popped[i + 1])
    table.insert(scored, popped[i])
  end
  most_passed_on = most_passed_on - #ids
  redis.call('ZREM', coalesced_key(kind), unpack(ids))
  if is_answered then return await_worker(kind, scored) end
  redis.call('SET', leader_key(question), first)
  join(first, kind, label.priority or 'normal', label.tenant or '', false)
end

-- The line in which a job waits to be sent: a suspect apart, however it came back, and so one that an answer told to stop.
local function list_of(story, priority)
  return story.suspect and 'suspect' or story.deferred and 'deferred' or priority
end

-- Puts a job where it waits. One whose own answer is kept, and is to be read, needs no call.
local function make_ready(id, label, story, in_front)
  if story.answer == 'ready' then return await_worker(label.kind, { score_of(label), id }) end
  if coalesce(id, label, story.suspect) then return end
  if story.suspect then redis.call('SADD', P .. 'suspects', id) end
  join(id, label.kind, list_of(story, label.priority), label.tenant, in_front and not story.suspect)
end

-- Takes one job out of wherever it waits.
local function leave_line(id, label)
  if redis.call('ZREM', P .. 'scheduled', id) == 1 then return end
  if redis.call('ZREM', P .. 'asking', id) == 1 then return end
  if redis.call('ZREM', answered_key(label.kind), id) == 1 then return end
  if label.question then
    redis.call('ZREM', followers_key(label.question.index), id)
    if redis.call('ZREM', coalesced_key(label.kind), id) == 1 then return end
  end
  local suspect = redis.call('SREM', P .. 'suspects', id) == 1
  if leave_own_line(id, label, suspect and 'suspect' or label.priority) then return end
  leave_own_line(id, label, 'deferred')
end
