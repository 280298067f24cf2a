-- The last word of a worker that ends.
-- ARGV 1 session, 2 number of the last batch that reached it
local session, seen = ARGV[1], tonumber(ARGV[2])
local held = redis.call('HGETALL', held_key(session))
for i = 1, #held, 2 do
  local label = tonumber(held[i + 1]) > seen and label_of(redis.call('HGET', job_key(held[i]), 'label'))
  -- It never reached the worker, so nothing was sent for it.
  if label then
    redis.call('HDEL', held_key(session), held[i])
    make_ready(held[i], label.kind, label.priority, true)
  end
end
if redis.call('EXISTS', held_key(session)) == 0 then
  redis.call('ZREM', P .. 'workers', session)
  redis.call('HDEL', P .. 'batches', session)
else
  -- What it could not hand back goes to others at once.
  redis.call('ZADD', P .. 'workers', now, session)
end
