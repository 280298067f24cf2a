-- How jobs end.

-- Publishes the end of a job.
local function publish(result, keep_results)
  redis.call('XADD', P .. 'results', 'MAXLEN', '~', keep_results, '*', 'result', result)
end

-- The end of a job without an outcome, after its story was written: it goes to its set, its end is published, its
-- idempotency key begins to expire. That a job is dead is published once, also when its kept answer was read again in vain.
local function finish(id, label, state, code, retention_ms, keep_results)
  redis.call('ZADD', P .. state, now_text, id)
  local was_published = redis.call('HDEL', job_key(id), 'told') == 1
  if state ~= 'dead' or not was_published then
    publish(cjson.encode({ id = id, kind = label.kind, tenant = label.tenant, reference = label.reference or '',
      state = state, verdict = '', reasons = { code } }), keep_results)
  end
  redis.call('PUBLISH', P .. 'done', id)
  if label.deadline then redis.call('ZREM', P .. 'deadlines', id) end
  if label.idempotency then redis.call('PEXPIRE', P .. 'idempotency:' .. label.idempotency, retention_ms) end
  tally(state .. ' ' .. label.kind)
  if label.question then pass_on(id, label.question.index, label.kind) end
end

-- The end of a job that the queue itself decides.
local function finish_here(id, label, state, story, code, sentence, retention_ms, keep_results)
  story.state, story.code, story.sentence = state, code, sentence
  redis.call('HSET', job_key(id), 'story', cjson.encode(story))
  finish(id, label, state, code, retention_ms, keep_results)
end

-- The provider failed a leader until it died. Its attempts were made for all who follow it, so they end alike, so many in
-- one script; who has a number of attempts of its own goes on. The rest stands in a set of its own meanwhile, apart from
-- those who ask the same anew: `failed` tells, by leader, how they end.
local ENDED_ALIKE = 100
local function ended_key(leader) return P .. 'followers-of:' .. leader end
local function end_some(leader, code, sentence, retention_ms, keep_results)
  local popped = redis.call('ZPOPMIN', ended_key(leader), ENDED_ALIKE)
  for i = 1, #popped, 2 do
    local id = popped[i]
    local f = redis.call('HMGET', job_key(id), 'label', 'story')
    local own, story = label_of(f[1]), story_of(f[2])
    -- Who was called off meanwhile follows nobody any more.
    local follows = own and redis.call('ZREM', coalesced_key(own.kind), id) == 1
    if follows and own.max_attempts then
      make_ready(id, own, story, false)
    elseif follows then
      story.history = story.history or {}
      table.insert(story.history, { at = now, attempt = story.attempts, class = 'shared', code = code })
      if #story.history > 40 then table.remove(story.history, 1) end
      finish_here(id, own, 'dead', story, code, sentence, retention_ms, keep_results)
    end
  end
  if redis.call('EXISTS', ended_key(leader)) == 0 then redis.call('HDEL', P .. 'failed', leader) end
end

local function end_followers(leader, label, code, sentence, retention_ms, keep_results)
  local question = label.question.index
  if label.max_attempts or redis.call('GET', leader_key(question)) ~= leader then return end
  if redis.call('EXISTS', followers_key(question)) == 0 then return end
  redis.call('DEL', leader_key(question))
  -- Of those that it took along before, some may still be there: it was retried by hand since.
  redis.call('ZUNIONSTORE', ended_key(leader), 2, ended_key(leader), followers_key(question), 'AGGREGATE', 'MIN')
  redis.call('DEL', followers_key(question))
  redis.call('HSET', P .. 'failed', leader, cjson.encode({ code = code, sentence = sentence }))
  end_some(leader, code, sentence, retention_ms, keep_results)
end

-- A job whose worker gave no sign of life, held under that kind. No attempt is spent, but a call may have been sent: with
-- `ask` it waits for a person.
local function stall(id, held_as, max_stalls, ask, retention_ms, keep_results)
  local key = job_key(id)
  local f = redis.call('HMGET', key, 'label', 'story')
  if not f[1] then return end -- it was dropped meanwhile
  local label, story = label_of(f[1]), story_of(f[2])
  if story.state then return end
  story.stalls = story.stalls + 1
  if held_as ~= ANSWERED then
    story.calls, story.unanswered = story.calls + 1, story.unanswered + 1
    tally('calls ' .. held_as)
  else
    ask = false -- nothing was sent for it
  end
  story.history = story.history or {}
  table.insert(story.history, { at = now, attempt = story.attempts + 1, class = 'stalled' })
  if #story.history > 40 then table.remove(story.history, 1) end
  local kind = label and label.kind or 'unknown'
  tally('stalled ' .. kind)
  local becomes = story.stalls > max_stalls and ' dead' or ask and ' asked' or ' again'
  redis.call('HINCRBY', P .. 'stalls', kind .. becomes, 1)
  if not label or story.stalls > max_stalls then
    finish_here(id, label or { kind = kind, tenant = '' }, 'dead', story, 'stalled',
      'Its workers died or hung more often than is allowed.', retention_ms, keep_results)
    return
  end
  -- Once may be chance; whoever was there twice is a suspect.
  story.suspect = story.stalls >= math.min(2, max_stalls) or nil
  if ask then story.code, story.sentence = 'stalled', 'Its worker died or hung; its call may be billed.' end
  redis.call('HSET', key, 'story', cjson.encode(story))
  if ask then ask_about(id, kind) else make_ready(id, label, story, true) end
end
