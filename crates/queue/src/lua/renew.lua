-- A worker's heartbeat: renews all its leases, and compares the leases in Redis with those that the worker knows.
--
-- Arguments: session; duration of a lease (ms); number of the last batch that reached it; stalls allowed; '1' to hold ambiguous
-- calls for a decision; retention of dead jobs (ms); entries that the results stream keeps; then id, batch, … of each lease.
-- Returns { ids whose lease is lost, { id, kind, … } of jobs that are now held for a decision }.
local session, lease_ms, seen, max_stalls, hold_ambiguous, retention_ms, keep_results = unpack(ARGV, 1, 7)
seen, max_stalls, lease_ms = tonumber(seen), tonumber(max_stalls), bounded(lease_ms)
retention_ms, keep_results = bounded_text(retention_ms), bounded_text(keep_results)
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
heartbeat(lease_ms)
redis.call('ZADD', P .. 'workers', now + lease_ms, session)
local key, lost, known, count = leases_key(session), {}, {}, 0
for i = 8, #ARGV, 2 do
  local id, batch = unpack(ARGV, i, i + 1)
  known[id] = true
  local value = redis.call('HGET', key, id)
  if value and redis.call('EXISTS', job_key(id)) == 0 then
    release_lease(session, id)
    value = nil
  end
  if value then count = count + 1 end
  if read_lease(value) ~= batch then table.insert(lost, id) end
end
-- Leases that only Redis knows: their answer never reached the worker, and no other worker would ever take these jobs.
if redis.call('HLEN', key) > count then
  local leases = redis.call('HGETALL', key)
  for i = 1, #leases, 2 do
    if not known[leases[i]] and tonumber(read_lease(leases[i + 1]) or '0') <= seen then
      stall(leases[i], session, max_stalls, hold_ambiguous == '1', retention_ms, keep_results)
    end
  end
end
return { lost, for_decision }
