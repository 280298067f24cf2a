-- Forgets answers that were kept with jobs that have ended since, a few at a time. A job that waits for its answer to be
-- read keeps it.
-- ARGV 1 retention (ms), 2 how many at most     Answers how many it looked at
local ids = redis.call('ZRANGEBYSCORE', P .. 'retained', '-inf', now - ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local text = redis.call('HGET', job_key(id), 'progress')
  local progress = read_json(text)
  if text and not progress.state then
    redis.call('ZADD', P .. 'retained', now_text, id)
  else
    redis.call('ZREM', P .. 'retained', id)
    redis.call('HDEL', job_key(id), 'answer')
    if progress.answer then
      progress.answer = nil
      redis.call('HSET', job_key(id), 'progress', cjson.encode(progress))
    end
  end
end
return #ids
