-- Pauses a kind, or the account, until a person resumes it, or until a time. This works on a full Redis too.
--
-- Arguments: scope; for how long (ms), 0 until it is resumed; who paused it and why, for people.
local scope, for_ms, by, note = unpack(ARGV, 1, 4)
for_ms = bounded(for_ms)
local key = limiter_key(scope)
redis.call('ZREM', P .. 'workers', '')
-- In one write, so that no pause has the end or the reason of another.
redis.call('HSET', key, 'paused', for_ms == 0 and 1 or whole(now + for_ms), 'paused_at', now_text, 'paused_by', by, 'paused_note', note)
call_off(scope)
