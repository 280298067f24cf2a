-- Lets a kind, or the account, send nothing until it is resumed, also on a full Redis.
-- ARGV 1 scope
redis.call('ZREM', P .. 'workers', '')
redis.call('HSET', gate_key(ARGV[1]), 'until', '-1', 'reason', 'paused')
call_off(ARGV[1])
