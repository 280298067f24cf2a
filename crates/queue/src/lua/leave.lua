-- Ends the session of a worker that stops, and makes the jobs ready again whose leases never reached it.
--
-- Arguments: session; number of the last batch that reached it.
local session, seen = unpack(ARGV, 1, 2)
seen = tonumber(seen)
local given_us = string.match(redis.call('GET', batch_key(session)) or '', ' (%d+)$')
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
local leases = redis.call('HGETALL', leases_key(session))
for i = 1, #leases, 2 do
  local number, kind, slot = read_lease(leases[i + 1])
  local missed = number and tonumber(number) > seen
  local f = missed and redis.call('HMGET', job_key(leases[i]), 'header', 'progress') or {}
  local header = header_of(f[1])
  -- The lease never reached the worker, so nothing was sent for the job.
  if header then
    release_lease(session, leases[i])
    if kind ~= CACHED then give_back(kind, tonumber(given_us or '0') / 1000, tonumber(slot)) end
    -- By this others see that the lease is over, should the script stop before it ends it.
    local progress = progress_of(f[2])
    progress.by = session .. ' ' .. number
    redis.call('HSET', job_key(leases[i]), 'progress', cjson.encode(progress))
    make_ready(leases[i], header, progress, true)
  end
end
write_ready_queues()
if redis.call('EXISTS', leases_key(session)) == 0 then
  redis.call('ZREM', P .. 'workers', session)
else
  -- The jobs that it could not give back go to other workers at once.
  redis.call('ZADD', P .. 'workers', now, session)
end
-- A late request of this worker gets no jobs.
redis.call('SET', batch_key(session), '9007199254740992', 'EX', 600)
