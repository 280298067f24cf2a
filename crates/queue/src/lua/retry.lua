-- Retries jobs: dead ones begin anew, scheduled ones become ready now, and those that are held for a decision are called again.
-- Their calls and their history stay.
--
-- Arguments: the place in which they must be, 'dead', 'scheduled' or 'needs_decision', or '' for any of these; when they must have
-- been there (ms), or 0; then ids.
-- Returns how many jobs.
local count, place, by = 0, ARGV[1], bounded(ARGV[2])
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
-- It leaves its set when it is where it goes.
local function leaves(set, id)
  local since = (place == '' or place == set) and redis.call('ZSCORE', P .. set, id)
  local is_there = since and came_by(set, since, by)
  if is_there then later('ZREM', P .. set, id) end
  return is_there and since
end
for nth = 3, #ARGV do
  local id = ARGV[nth]
  local f = redis.call('HMGET', job_key(id), 'header', 'progress', 'results')
  local header = header_of(f[1])
  local progress = progress_of(f[2])
  local has_ended = progress.state and progress.state ~= 'dead' -- perhaps since an earlier try stopped
  if has_ended and redis.call('ZSCORE', P .. progress.state, id) then redis.call('ZREM', P .. 'dead', id) end
  local dead = header and not has_ended and leaves('dead', id)
  local is_moved = dead or header and not has_ended and (leaves('scheduled', id) or leaves('needs_decision', id))
  if is_moved then
    end_old_leases(id, progress)
    -- By this the worker that gets it sees that it may still be where it was, should the script stop before it leaves that.
    progress.moved = true
  end
  if dead then
    leave_place(id, header) -- as the script that ended it may have stopped before that
    progress.attempts, progress.stalls, progress.quarantined, progress.deferred, progress.isolated = 0, 0, nil, nil, nil
    progress.state, progress.code, progress.sentence, progress.by = nil, nil, nil, nil
    progress.renewed = now
    redis.call('HSET', job_key(id), 'progress', cjson.encode(progress), 'results', (f[3] and f[3] .. ' ' or '') .. whole(dead))
    local index = header.idempotency and P .. 'idempotency:' .. header.idempotency
    if index and string.match(redis.call('GET', index) or '', '^(%w+) ') == id then redis.call('PERSIST', index) end
    if header.deadline and header.deadline > now then redis.call('ZADD', P .. 'deadlines', header.deadline, id) end
  end
  if is_moved then
    if not dead then redis.call('HSET', job_key(id), 'progress', cjson.encode(progress)) end
    make_ready(id, header, progress, false)
    write_ready_queues()
    count = count + 1
  end
end
return count
