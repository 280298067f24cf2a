-- Ends jobs with their outcomes: each is acknowledged, stored and published in one step, or not at all.
-- ARGV 1 session, 2 retention of idempotency keys (ms), 3 results kept, then fourteen for each job:
--      id, batch, kind, idempotency index or '', '1' with a deadline, result to be published, sealed outcome, story,
--      what it counts as, calls of this attempt, pauses in a row of its kind when it was given out, its question or
--      '', how long an answer to it may be reused (ms), '1' with a record
-- Answers 'done' | 'again' | 'lost' for each job
local session, retention, keep_results = ARGV[1], ARGV[2], ARGV[3]
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
local ids, keys, answers, ended, done, asked = {}, {}, {}, {}, {}, {}
for i = 4, #ARGV, 14 do
  table.insert(ids, ARGV[i])
  table.insert(keys, job_key(ARGV[i]))
end
local held = redis.call('HMGET', held_key(session), unpack(ids))
local all_there = redis.call('EXISTS', unpack(keys)) == #keys

-- By kind: successes, and of how many pauses in a row the last one saw the end.
local successes, pauses_seen = {}, {}
for nth, id in ipairs(ids) do
  local _, batch, kind, index, deadline, result, sealed, story, counts_as, calls, pauses, question, window, has_record =
    unpack(ARGV, nth * 14 - 10, nth * 14 + 3)
  local held_under, held_as = read_held(held[nth])
  if held_under ~= batch then
    -- Perhaps the same worker took it anew: then it stays with it.
    table.insert(answers, take_back(session, batch, id) or 'lost')
  elseif not all_there and redis.call('EXISTS', keys[nth]) == 0 then
    let_go(session, id)
    table.insert(answers, 'lost')
  else
    table.insert(done, id)
    flies(held_as, -1)
    redis.call('HSET', keys[nth], 'story', story, 'outcome', sealed)
    publish(result, keep_results)
    if index ~= '' then redis.call('PEXPIRE', P .. 'idempotency:' .. index, retention) end
    if deadline == '1' then redis.call('ZREM', P .. 'deadlines', id) end
    tally(counts_as)
    if held_as == ANSWERED then
      tally('saved ' .. kind)
    else
      successes[kind] = (successes[kind] or 0) + 1
      pauses_seen[kind] = pauses ~= '0' and pauses or pauses_seen[kind]
      tally('calls ' .. kind, tonumber(calls))
      if question ~= '' then
        redis.call('SET', answer_key(question), id .. ' ' .. now_text .. ' ' .. has_record, 'PX', window)
      end
    end
    if question ~= '' then table.insert(asked, { id, question, kind }) end
    table.insert(ended, now_text)
    table.insert(ended, id)
    table.insert(answers, 'done')
  end
end
if #done > 0 then
  redis.call('HDEL', held_key(session), unpack(done))
  redis.call('ZADD', P .. 'completed', unpack(ended))
  redis.call('PUBLISH', P .. 'done', table.concat(ids, ' '))
end
for _, each in ipairs(asked) do pass_on(unpack(each)) end
for kind, count in pairs(successes) do source_answered(kind, count, pauses_seen[kind]) end
wake_for_suspects()
return answers
