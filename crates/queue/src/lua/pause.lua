-- Lets a kind send nothing until it is resumed, also on a full Redis.
-- ARGV 1 kind
redis.call('ZREM', P .. 'workers', '')
redis.call('HSET', kind_key(ARGV[1]), 'until', '-1', 'reason', 'paused')
