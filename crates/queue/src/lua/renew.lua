-- Says that a worker lives, which prolongs all it holds, and compares what it holds with what it knows of.
-- ARGV 1 session, 2 lease (ms), 3 number of the last batch that reached it, 4 stalls allowed, 5 '1' when ambiguous calls are
--      held for a decision, 6 retention of dead jobs (ms), 7 results kept,
--      8.. id, batch, id, batch, …     Answers { the ids that it no longer holds,
--      jobs that it lost on the way and that wait for a person: { id, kind, … } }
local session, lease, seen, max_stalls = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
-- As in flight.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
heartbeat(tonumber(lease))
redis.call('ZADD', P .. 'workers', now + lease, session)
local key, lost, known, count = leases_key(session), {}, {}, 0
for i = 8, #ARGV, 2 do
  local id = ARGV[i]
  known[id] = true
  local value = redis.call('HGET', key, id)
  if value and redis.call('EXISTS', job_key(id)) == 0 then
    release_lease(session, id)
    value = nil
  end
  if value then count = count + 1 end
  if read_lease(value) ~= ARGV[i + 1] then table.insert(lost, id) end
end
-- What it holds and does not know of, it lost on the way: nobody else would ever come for it.
if redis.call('HLEN', key) > count then
  local leases = redis.call('HGETALL', key)
  for i = 1, #leases, 2 do
    if not known[leases[i]] and tonumber(read_lease(leases[i + 1]) or '0') <= seen then
      stall(leases[i], release_lease(session, leases[i]), max_stalls, ARGV[5] == '1', ARGV[6], ARGV[7])
    end
  end
end
return { lost, for_decision }
