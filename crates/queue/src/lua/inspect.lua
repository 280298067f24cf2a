-- Reads the state of a job at one moment.
--
-- Arguments: the job's id; '1' to return the sealed parts as well.
-- Returns { header, progress, { request, key record, outcome } or nothing, when it ended or is due, worker with a lease for it,
-- since when it is held for a decision }. For a job in a ready queue follows { the queue, its position, lengths of the queues
-- high, normal and low, now (us), fields of its kind's limiter, fields of the account's limiter }. For a follower, nil and
-- the id of its leader follow, or nil and '' if there is a cached answer.
local id, with_outcome = unpack(ARGV, 1, 2)
local f = redis.call('HMGET', job_key(id), 'header', 'progress')
local sealed = with_outcome == '1' and redis.call('HMGET', job_key(id), 'request', 'key', 'outcome')
local header = header_of(f[1])
if not header then return {} end
local ended = read_json(f[2]).state
if ended then return { f[1], f[2], sealed, redis.call('ZSCORE', P .. ended, id) } end
local answer = { f[1], f[2], sealed, redis.call('ZSCORE', P .. 'scheduled', id), lease_holder(id) or false,
  redis.call('ZSCORE', P .. 'needs_decision', id) }
if answer[4] or answer[5] or answer[6] then return answer end
local function waits_in(key) return redis.call('ZSCORE', key(header.kind), id) end
if waits_in(coalesced_key) or waits_in(cached_key) then
  answer[7] = false
  answer[8] = header.coalescing and waits_in(coalesced_key) and redis.call('GET', leader_key(header.coalescing.index)) or ''
  return answer
end
local queue = P .. 'ready:' .. header.kind .. ':'
local list = redis.call('SISMEMBER', P .. 'quarantined', id) == 1 and 'quarantined'
  or redis.call('ZSCORE', queue .. 'deferred', id) and 'deferred' or header.priority
local place = { list, redis.call('ZRANK', queue .. list, id) or -1 }
for _, each in ipairs({ 'high', 'normal', 'low' }) do table.insert(place, redis.call('ZCARD', queue .. each)) end
table.insert(place, whole(now_us))
for _, scope in ipairs({ header.kind, 'account' }) do table.insert(place, redis.call('HGETALL', limiter_key(scope))) end
answer[7] = place
return answer
