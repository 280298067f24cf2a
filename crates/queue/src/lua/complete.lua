-- Ends jobs with their outcomes: each is acknowledged, stored and published in one step, or not at all.
-- ARGV 1 session, 2 retention of idempotency keys (ms), 3 results kept, then eighteen for each job:
--      id, batch, kind, idempotency index or '', '1' with a deadline, result to be published, sealed outcome, story,
--      what it counts as, calls of this attempt, pauses in a row of its kind when it was given out, its question or
--      '', how long an answer to it may be reused (ms), '1' with a record, '1' when images were stored, '1' when an answer
--      is kept with it, calls of all attempts, when that answer came, where the outcome is by it, or 0
-- Answers 'done' | 'again' | 'lost' for each job
local session, retention, keep_results = ARGV[1], ARGV[2], ARGV[3]
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
local ids, keys, answers, ended, done, asked, stored = {}, {}, {}, {}, {}, {}, 0
for i = 4, #ARGV, 18 do
  table.insert(ids, ARGV[i])
  table.insert(keys, job_key(ARGV[i]))
end
local held = redis.call('HMGET', held_key(session), unpack(ids))
local all_there = redis.call('EXISTS', unpack(keys)) == #keys

-- By kind: successes, and of how many pauses in a row the last one saw the end.
local successes, pauses_seen = {}, {}
for nth, id in ipairs(ids) do
  local _, batch, kind, index, deadline, result, sealed, story, counts_as, calls, pauses, question, window, has_record,
    has_images, has_kept, calls_in_all, kept_since = unpack(ARGV, nth * 18 - 14, nth * 18 + 3)
  local held_under, held_as = read_held(held[nth])
  local is_done = held_under == batch and (all_there or redis.call('EXISTS', keys[nth]) == 1)
  if held_under ~= batch then
    -- Perhaps the same worker took it anew: then it stays with it.
    local why = take_back(session, batch, id) or 'lost'
    local label, known
    if why == 'lost' then label, known = comes_late(id, tonumber(calls_in_all)) end
    if label then
      leave_line(id, label)
      story, is_done, held_as = late_story(story, known), true, calls == '0' and ANSWERED or kind
      calls = '0' -- it was counted when its worker was lost
    else
      table.insert(answers, why)
    end
  elseif not is_done then
    let_go(session, id)
    table.insert(answers, 'lost')
  else
    flies(held_as, -1)
    table.insert(done, id)
  end
  if is_done then
    redis.call('HSET', keys[nth], 'story', story, 'outcome', sealed)
    publish(result, keep_results)
    if index ~= '' then redis.call('PEXPIRE', P .. 'idempotency:' .. index, retention) end
    if deadline == '1' then redis.call('ZREM', P .. 'deadlines', id) end
    tally(counts_as)
    local is_reused = held_as == ANSWERED and kept_since == '0'
    if is_reused then
      tally('saved ' .. kind)
    elseif held_as ~= ANSWERED then
      successes[kind] = (successes[kind] or 0) + 1
      pauses_seen[kind] = pauses ~= '0' and pauses or pauses_seen[kind]
      tally('calls ' .. kind, tonumber(calls))
    end
    if question ~= '' and not is_reused then
      answer_found(question, id, held_as == ANSWERED and tonumber(kept_since) or now, has_record, tonumber(window))
    end
    if question ~= '' then table.insert(asked, { id, question, kind }) end
    if has_kept == '1' then
      redis.call('HDEL', keys[nth], 'answer')
      redis.call('ZREM', P .. 'kept', id)
    end
    if has_images == '1' then stored = stored + 1 end
    table.insert(ended, now_text)
    table.insert(ended, id)
    table.insert(answers, 'done')
  end
end
if #done > 0 then redis.call('HDEL', held_key(session), unpack(done)) end
if #ended > 0 then
  redis.call('ZADD', P .. 'completed', unpack(ended))
  redis.call('PUBLISH', P .. 'done', table.concat(ids, ' '))
end
if stored > 0 then store_answered(stored) end
for _, each in ipairs(asked) do pass_on(unpack(each)) end
for kind, count in pairs(successes) do source_answered(kind, count, pauses_seen[kind]) end
wake_for_suspects()
return answers
