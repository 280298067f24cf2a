-- Sets the limits of a gate, all at once.
-- ARGV 1 scope, 2 horizon (us), 3.. field, value, …; what is not named is not limited
local key = gate_key(ARGV[1])
redis.call('HDEL', key, 'rate', 'period', 'burst', 'margin', 'daily', 'zone', 'offsets', 'in_flight')
-- A slower rate may have reached far ahead. No slot that was given lies further than the horizon.
local reached = tonumber(redis.call('HGET', key, 'next') or '0')
if reached > now_us + ARGV[2] then redis.call('HSET', key, 'next', whole(now_us + ARGV[2])) end
if #ARGV > 2 then redis.call('HSET', key, unpack(ARGV, 3)) end
redis.call('PUBLISH', P .. 'wake', ARGV[1])
