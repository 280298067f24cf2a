-- Ends an attempt that failed.
-- ARGV 1 session, 2 batch, 3 id, 4 'retry' | 'park' | 'dead', 5 story, 6 delay (ms) for retry and park, -1 for until
--      resumed, 7 code, 8 class, 9 calls of this attempt, 10 retention of dead jobs (ms), 11 results kept
-- Answers 'done' | 'again' | 'lost'
local session, batch, id, verb, story, delay, code, class, calls, retention, keep_results = unpack(ARGV)
local label = label_of(redis.call('HGET', job_key(id), 'label'))
-- One that cannot be read stays held, and dies as a stall does: it must not vanish.
if not label then return 'lost' end
local why = take_back(session, batch, id)
if why then return why end
redis.call('HSET', job_key(id), 'story', story)
tally('failed ' .. label.kind .. ' ' .. class)
if calls ~= '0' then tally('calls ' .. label.kind, tonumber(calls)) end

if verb == 'dead' then
  finish(id, label, 'dead', code, retention, keep_results)
elseif verb == 'retry' then
  redis.call('ZADD', P .. 'scheduled', now + delay, id)
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
  make_ready(id, label, read_json(story), true)
end
wake_for_suspects()
write_tallies()
return 'done'
