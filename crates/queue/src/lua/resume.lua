-- Lets a kind, or the account, send again, at once: lifts a pause by hand, or else what an answer brought about. What no
-- answer has shown to be well since begins with a single call.
-- ARGV 1 scope     Answers why it was closed, or '' when it was not
local key = limiter_key(ARGV[1])
if redis.call('HDEL', key, 'paused') == 1 then
  redis.call('PUBLISH', P .. 'wake', ARGV[1])
  return 'paused'
end
local f = redis.call('HMGET', key, 'until', 'reason')
local closed_until = tonumber(f[1] or '0')
local is_closed = closed_until == -1 or closed_until > now
redis.call('HDEL', key, 'until', 'reason', 'failed', 'ok', 'window', 'odd', 'odd_ok', 'odd_window')
-- One pause more: a call that was sent before does not count as the one that tries.
if is_closed then redis.call('HINCRBY', key, 'pauses', 1) end
redis.call('PUBLISH', P .. 'wake', ARGV[1])
return is_closed and f[2] or ''
