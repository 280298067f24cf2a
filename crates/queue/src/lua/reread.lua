-- Makes dead jobs with a retained answer ready, so that the answer is read again without a call.
--
-- Arguments: ids.
-- Returns how many jobs.
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
local count = 0
for _, id in ipairs(ARGV) do
  local f = redis.call('HMGET', job_key(id), 'header', 'progress')
  local header, progress = header_of(f[1]), progress_of(f[2])
  local is_retained = header and (progress.state == 'dead' or progress.answer == 'ready') and redis.call('HEXISTS', job_key(id), 'answer') == 1
  if is_retained and redis.call('ZSCORE', P .. 'dead', id) then
    progress.state, progress.answer, progress.by, progress.renewed = nil, 'ready', nil, now
    redis.call('HSET', job_key(id), 'progress', cjson.encode(progress), 'published', 1)
    local index = header.idempotency and P .. 'idempotency:' .. header.idempotency
    if index and string.match(redis.call('GET', index) or '', '^(%w+) ') == id then redis.call('PERSIST', index) end
    make_ready(id, header, progress, false)
    redis.call('ZREM', P .. 'dead', id)
    count = count + 1
  end
end
return count
