-- Lets a kind, or the account, send again, at once. What no answer has shown to be well begins with a single call.
-- ARGV 1 scope     Answers why it was closed, or '' when it was not
local key = gate_key(ARGV[1])
local f = redis.call('HMGET', key, 'until', 'reason', 'pauses')
local closed_until = tonumber(f[1] or '0')
local is_closed = closed_until == -1 or closed_until > now
redis.call('HDEL', key, 'until', 'reason', 'failed', 'ok', 'window')
if is_closed and f[2] ~= 'paused' or f[3] then redis.call('HSET', key, 'pauses', 1) end
redis.call('PUBLISH', P .. 'wake', ARGV[1])
return is_closed and f[2] or ''
