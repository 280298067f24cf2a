-- Resumes a kind, or the account, at once: ends a pause by a person, or else one that an answer caused. Unless an answer has
-- shown since that the provider works, the kind begins with a single call.
--
-- Arguments: scope.
-- Returns why it was closed, or '' if it was not.
local scope = ARGV[1]
local key = limiter_key(scope)
local paused = tonumber(redis.call('HGET', key, 'paused') or '0')
redis.call('HDEL', key, 'paused', 'paused_at', 'paused_by', 'paused_note')
if paused == 1 or paused > now then
  redis.call('PUBLISH', P .. 'wake', scope)
  return 'paused'
end
local f = redis.call('HMGET', key, 'until', 'reason')
local closed_until = tonumber(f[1] or '0')
local is_closed = closed_until == -1 or closed_until > now
redis.call('HDEL', key, 'until', 'reason', 'failed', 'ok', 'window', 'unusable', 'unusable_ok', 'unusable_window')
-- Counts one more pause, so that a call that was sent earlier does not count as the probe.
if is_closed then redis.call('HINCRBY', key, 'pauses', 1) end
redis.call('PUBLISH', P .. 'wake', scope)
return is_closed and f[2] or ''
