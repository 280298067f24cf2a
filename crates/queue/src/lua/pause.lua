-- Lets a kind, or the account, send nothing until it is resumed, also on a full Redis.
-- ARGV 1 scope
redis.call('ZREM', P .. 'workers', '')
redis.call('HSET', limiter_key(ARGV[1]), 'paused', 1)
call_off(ARGV[1])
