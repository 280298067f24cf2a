-- Makes dead jobs with a retained answer ready, so that the answer is read again without a call.
--
-- Arguments: when they must have been dead (ms), or 0; then ids.
-- Returns how many jobs.
local by = bounded(ARGV[1])
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
local count = 0
for nth = 2, #ARGV do
  local id = ARGV[nth]
  local f = redis.call('HMGET', job_key(id), 'header', 'progress', 'results')
  local header, progress = header_of(f[1]), progress_of(f[2])
  local is_dead = progress.state == 'dead' or not progress.state and progress.answer == 'ready'
  local is_retained = header and is_dead and redis.call('HEXISTS', job_key(id), 'answer') == 1
  local died = is_retained and redis.call('ZSCORE', P .. 'dead', id)
  if died and came_by('dead', died, by) then
    end_old_leases(id, progress)
    leave_place(id, header) -- as the script that ended it may have stopped before that
    -- As in retry.lua: it may still be among the dead ones.
    progress.state, progress.answer, progress.by, progress.renewed, progress.moved = nil, 'ready', nil, now, true
    redis.call('HSET', job_key(id), 'progress', cjson.encode(progress), 'published', 1,
      'results', (f[3] and f[3] .. ' ' or '') .. whole(died))
    local index = header.idempotency and P .. 'idempotency:' .. header.idempotency
    if index and string.match(redis.call('GET', index) or '', '^(%w+) ') == id then redis.call('PERSIST', index) end
    make_ready(id, header, progress, false)
    redis.call('ZREM', P .. 'dead', id)
    count = count + 1
  end
end
return count
