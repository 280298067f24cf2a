-- Sets all limits of a limiter at once. A limit that is not named is removed.
--
-- Arguments: scope; then field, value, …
local scope = ARGV[1]
local key = limiter_key(scope)
local function rate()
  local f = redis.call('HMGET', key, 'rate', 'period', 'margin')
  return f[1] and interval_of(f[1], f[2], f[3]) or 0
end
local before = rate()
redis.call('HDEL', key, 'rate', 'period', 'burst', 'margin', 'daily', 'zone', 'offsets', 'in_flight')
-- Calls of a past day do not count in the day in which a quota is set.
if now >= tonumber(redis.call('HGET', key, 'day_to') or '0') then
  redis.call('HSET', key, 'used', 0, 'day_from', now_text)
  redis.call('HDEL', key, 'day_to')
end
if #ARGV > 1 then redis.call('HSET', key, unpack(ARGV, 2)) end
-- The next slot has the new interval from the last one, however far ahead the old rate had reached.
local reached = tonumber(redis.call('HGET', key, 'next') or '0')
if reached > 0 and rate() ~= before then redis.call('HSET', key, 'next', whole(reached - before + rate())) end
redis.call('PUBLISH', P .. 'wake', scope)
