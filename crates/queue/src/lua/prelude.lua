-- Stands in front of every script. KEYS[1] is the queue's prefix, such as "{kyc}": all keys carry its hash
-- tag and lie in one slot of a cluster, so a script may build their names.
local P = KEYS[1] .. ':'
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000) -- milliseconds, on the only clock that decides

local function job_key(id) return P .. 'job:' .. id end
local function kind_key(kind) return P .. 'kind:' .. kind end
local function ready_key(kind, priority) return P .. 'ready:' .. kind .. ':' .. priority end

-- Puts a job where it waits: behind the others of its kind, or in front when it had been taken before.
local function make_ready(id, kind, priority, in_front)
  local length = redis.call(in_front and 'LPUSH' or 'RPUSH', ready_key(kind, priority), id)
  -- Workers sleep only after they found the list empty, so only the first entry has to wake them.
  if length == 1 then redis.call('PUBLISH', P .. 'wake', kind) end
end

-- Only the holder of the newest token may settle a job. Answers nil and why not: 'again' when this very
-- settlement was applied before and its answer was lost, 'lost' when the lease has gone to another.
local function take_back(id, token)
  local f = redis.call('HMGET', job_key(id), 'token', 'settled', 'kind', 'priority', 'tenant', 'reference', 'idempotency',
    'attempts', 'history')
  if f[2] == token then return nil, 'again' end
  if f[1] ~= token or redis.call('ZREM', P .. 'leases', id) == 0 then return nil, 'lost' end
  return { kind = f[3], priority = f[4], tenant = f[5] or '', reference = f[6] or '', idempotency = f[7],
    attempts = tonumber(f[8]) or 0, history = f[9] or '' }
end

-- The end of a job: it goes to its set, its end is published, its idempotency key begins to expire.
local function finish(id, job, state, verdict, reasons, retention_ms, keep_results)
  redis.call('ZADD', P .. state, now, id)
  redis.call('XADD', P .. 'results', 'MAXLEN', '~', keep_results, '*', 'id', id, 'kind', job.kind, 'tenant', job.tenant,
    'reference', job.reference, 'state', state, 'verdict', verdict, 'reasons', reasons)
  redis.call('PUBLISH', P .. 'done:' .. id, state)
  if job.idempotency then redis.call('PEXPIRE', P .. 'idempotency:' .. job.idempotency, retention_ms) end
end

-- A job's history with one more line; it keeps the newest 4 KB.
local function with_line(history, line)
  history = history .. line .. '\n'
  while #history > 4096 do history = string.sub(history, (string.find(history, '\n', 1, true) or #history) + 1) end
  return history
end
