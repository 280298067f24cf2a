-- Accepts one job.
-- ARGV 1 id, 2 kind, 3 tenant, 4 priority, 5 reference, 6 masked number, 7 sealed request, 8 max attempts or '',
--      9 not before (ms) or 0, 10 deadline (ms) or 0, 11 idempotency index or '', 12 digest of the body,
--      13 entry of the inbox or ''
-- Answers { 'new' | 'existing' | 'conflict' | 'gone', id }
local id, kind, tenant, priority, reference, mask, sealed, max_attempts, not_before, deadline, index, digest, entry =
  unpack(ARGV)
if index ~= '' then
  local known = redis.call('GET', P .. 'idempotency:' .. index)
  if known then
    local known_id, known_digest = string.match(known, '^(%w+) (%w+)$')
    if known_digest ~= digest then return { 'conflict', known_id } end
    if entry ~= '' then redis.call('XACK', P .. 'inbox', 'pods', entry); redis.call('XDEL', P .. 'inbox', entry) end
    return { 'existing', known_id }
  end
end
-- Taking the entry off the inbox and accepting the job are one step: no crash lies between them, and of two
-- pods with the same entry one comes too late.
if entry ~= '' then
  if redis.call('XACK', P .. 'inbox', 'pods', entry) == 0 then return { 'gone', '' } end
  redis.call('XDEL', P .. 'inbox', entry)
end
redis.call('HSET', job_key(id), 'kind', kind, 'tenant', tenant, 'priority', priority, 'reference', reference,
  'mask', mask, 'request', sealed, 'state', 'waiting', 'enqueued', now, 'deadline', deadline)
if max_attempts ~= '' then redis.call('HSET', job_key(id), 'max_attempts', max_attempts) end
if index ~= '' then
  redis.call('HSET', job_key(id), 'idempotency', index)
  redis.call('SET', P .. 'idempotency:' .. index, id .. ' ' .. digest)
end
if tonumber(not_before) > now then
  redis.call('ZADD', P .. 'scheduled', not_before, id)
  redis.call('HSET', job_key(id), 'due', not_before)
  -- Sleepers know of an earlier time, or learn of this one.
  if redis.call('ZRANGE', P .. 'scheduled', 0, 0)[1] == id then redis.call('PUBLISH', P .. 'wake', kind) end
else
  make_ready(id, kind, priority, false)
end
return { 'new', id }
