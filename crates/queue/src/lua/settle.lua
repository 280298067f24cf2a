-- Ends an attempt that failed.
-- ARGV 1 session, 2 batch, 3 id, 4 'retry' | 'park' | 'dead', 5 what it has cost, 6 line of history, 7 delay (ms) for
--      retry and park, -1 for until resumed, 8 code, 9 sentence, 10 class, 11 calls of this attempt,
--      12 retention of dead jobs (ms), 13 results kept
-- Answers 'done' | 'again' | 'lost'
local session, batch, id, verb, spent, line, delay, code, sentence, class, calls, retention, keep_results = unpack(ARGV)
local why = take_back(session, batch, id)
if why then return why end
local key = job_key(id)
local f = redis.call('HMGET', key, 'label', 'history')
local label = label_of(f[1])
if not label then return 'lost' end
redis.call('HSET', key, 'settled', session .. ' ' .. batch, 'spent', spent, 'history', with_line(f[2], line))
tally('failed ' .. label.kind .. ' ' .. class)
if calls ~= '0' then tally('calls ' .. label.kind, tonumber(calls)) end

if verb == 'dead' then
  redis.call('HSET', key, 'code', code, 'sentence', sentence)
  finish(id, label, 'dead', code, retention, keep_results)
elseif verb == 'retry' then
  local due = now + delay
  redis.call('ZADD', P .. 'scheduled', due, id)
  redis.call('HSET', key, 'due', due, 'code', code, 'sentence', sentence)
  -- Sleepers know of an earlier time, or learn of this one.
  if redis.call('ZRANGE', P .. 'scheduled', 0, 0)[1] == id then redis.call('PUBLISH', P .. 'wake', label.kind) end
else -- park
  local known = tonumber(redis.call('HGET', kind_key(label.kind), 'until')) or 0
  local parked_until = delay == '-1' and -1 or now + delay
  -- A longer pause that another call has learnt of is never shortened.
  if known ~= -1 and (parked_until == -1 or parked_until > known) then
    redis.call('HSET', kind_key(label.kind), 'until', parked_until, 'reason', code)
    -- Calls that were under way together are told to wait together: that is one pause.
    if known <= now then redis.call('HINCRBY', kind_key(label.kind), 'pauses', 1) end
  end
  make_ready(id, label.kind, label.priority, true)
end
write_tallies()
return 'done'
