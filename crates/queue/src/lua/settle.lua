-- Ends an attempt that failed.
-- ARGV 1 id, 2 token, 3 'retry' | 'park' | 'dead', 4 calls so far, 5 unanswered so far, 6 line of history,
--      7 delay (ms) for retry and park, -1 for until resumed, 8 code, 9 sentence, 10 retention of dead jobs (ms),
--      11 results kept
-- Answers 'done' | 'again' | 'lost'
local id, token, verb, calls, unanswered, line, delay, code, sentence, retention, keep_results = unpack(ARGV)
local job, why = take_back(id, token)
if not job then return why end
local key = job_key(id)
redis.call('HSET', key, 'settled', token, 'calls', calls, 'unanswered', unanswered,
  'history', with_line(job.history, line))
redis.call('HDEL', key, 'worker', 'leased')

if verb == 'dead' then
  redis.call('HSET', key, 'state', 'dead', 'code', code, 'sentence', sentence, 'finished', now, 'attempts', job.attempts + 1)
  finish(id, job, 'dead', '', code, retention, keep_results)
elseif verb == 'retry' then
  local due = now + delay
  redis.call('ZADD', P .. 'scheduled', due, id)
  redis.call('HSET', key, 'state', 'waiting', 'due', due, 'code', code, 'sentence', sentence, 'attempts', job.attempts + 1)
  redis.call('PUBLISH', P .. 'wake', job.kind) -- sleepers learn the new next time
else -- park
  local known = tonumber(redis.call('HGET', kind_key(job.kind), 'until')) or 0
  local parked_until = delay == '-1' and -1 or now + delay
  -- A longer pause that another call has learnt of is never shortened.
  if known ~= -1 and (parked_until == -1 or parked_until > known) then
    redis.call('HSET', kind_key(job.kind), 'until', parked_until, 'reason', code)
    -- Calls that were under way together are told to wait together: that is one pause.
    if known <= now then redis.call('HINCRBY', kind_key(job.kind), 'pauses', 1) end
  end
  redis.call('HSET', key, 'state', 'waiting')
  make_ready(id, job.kind, job.priority, true)
end
return 'done'
