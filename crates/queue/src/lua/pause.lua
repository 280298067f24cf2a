-- Pauses a kind, or the account, until a person resumes it. This works on a full Redis too.
--
-- Arguments: scope.
local scope = ARGV[1]
redis.call('ZREM', P .. 'workers', '')
redis.call('HSET', limiter_key(scope), 'paused', 1)
call_off(scope)
