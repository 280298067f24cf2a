-- Deletes retained answers of jobs that have ended since, a bounded number at once. A job that waits for its answer to be read
-- keeps it.
--
-- Arguments: retention (ms); how many at most.
-- Returns how many were examined.
local retention_ms, at_most = unpack(ARGV, 1, 2)
local ids = redis.call('ZRANGEBYSCORE', P .. 'retained', '-inf', now - retention_ms, 'LIMIT', 0, at_most)
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
