-- Calls a job off. Whoever has it can no longer settle it.
-- ARGV 1 id, 2 retention (ms), 3 results kept     Answers 'done' | its final state | 'unknown'
local id = ARGV[1]
local f = redis.call('HMGET', job_key(id), 'label', 'state')
local label = label_of(f[1])
if not label then return 'unknown' end
if f[2] then return f[2] end
local session = holder(id)
if session then redis.call('HDEL', held_key(session), id) else leave_line(id, label) end
finish(id, label, 'cancelled', 'cancelled', ARGV[2], ARGV[3])
write_tallies()
return 'done'
