-- Precedes every script. KEYS[1] is the queue's prefix, such as "{kyc}". All keys carry its hash tag and lie in one slot of a
-- cluster, so a script can build their names.
local P = KEYS[1] .. ':'
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000) -- milliseconds; the only clock that decides
local now_us = t[1] * 1000000 + t[2]
-- Formats a whole number. Redis is slow at that, and Lua drops the last digits of a long number.
local function whole(number) return string.format('%.0f', number) end
local now_text = whole(now)
-- Bounds a number to what Redis takes as an expiry, a count or a part of a time: 0 to 100 years in milliseconds. A script bounds
-- its arguments before its first write, since Redis does not undo the writes of a script that fails.
local function bounded(text) return math.max(0, math.min(tonumber(text) or error('not a number'), 3153600000000)) end
local function bounded_text(text) return whole(bounded(text)) end

-- What is written when the places that jobs move to have been written: jobs leave the places where they were. A script that fails
-- in between leaves a job in two places, and its repetition removes it from the first; no job is ever in none.
local last_writes = {}
local function later(...) table.insert(last_writes, { ... }) end
local function write_last()
  local writes = last_writes
  last_writes = {}
  for _, write in ipairs(writes) do redis.call(unpack(write)) end
end

local function job_key(id) return P .. 'job:' .. id end
-- What is known of a submitted job until a worker accepts it.
local function submission_key(id) return P .. 'submission:' .. id end
-- A batch of jobs that were submitted together, its rows by their numbers (the line, then id and digest of the job, or why the row is
-- refused), and its jobs by their digests.
local function submitted_batch_key(id) return P .. 'submitted-batch:' .. id end
local function submitted_rows_key(id) return P .. 'submitted-rows:' .. id end
local function submitted_jobs_key(id) return P .. 'submitted-jobs:' .. id end
-- Returns whether a job was submitted as this entry. Whoever can add entries can give them the id of another's job.
local function is_submitted_as(id, stream, entry)
  if id == '' then return false end
  local known = redis.call('HMGET', submission_key(id), 'stream', 'entry')
  return known[1] == stream and known[2] == entry
end
-- Notes what became of a submitted job that no worker will accept under its id, and wakes those who wait for it.
local function note_submission(id, field, value, keep_ms)
  redis.call('HSET', submission_key(id), field, value)
  redis.call('PEXPIRE', submission_key(id), keep_ms)
  redis.call('PUBLISH', P .. 'done', id)
end
-- A limiter of a kind or of the account: its limits, its pause, and its counts.
local function limiter_key(scope) return P .. 'limiter:' .. scope end
-- The leases of a worker: for each job the number of its batch, which is the fencing token, its kind, and the time of its slot.
local function leases_key(session) return P .. 'leases:' .. session end
-- Removes an entry from the inbox, once it is accepted or rejected: at the end of the script, after everything else. Then
-- nothing needs to know any more which job was accepted for it (`accepting`).
local function remove_entry(stream, entry)
  later('XDEL', P .. stream, entry)
  later('HDEL', P .. 'accepting', stream .. ' ' .. entry)
  later('XACK', P .. stream, 'pods', entry)
end
-- Deletes an idempotency key if it still names the job.
local function forget_idempotency(id, index)
  local key = P .. 'idempotency:' .. index
  if string.match(redis.call('GET', key) or '', '^(%w+) ') == id then redis.call('DEL', key) end
end
-- The jobs in which a number occurs, by its blind index. The indexes of a job lie in a hash of all jobs, not in its own, so that
-- whoever may read jobs need not read them.
local function person_key(index) return P .. 'person:' .. index end
local function forget_persons(id)
  local indexes = redis.call('HGET', P .. 'persons', id)
  if not indexes then return end
  for index in string.gmatch(indexes, '%w+') do redis.call('SREM', person_key(index), id) end
  redis.call('HDEL', P .. 'persons', id)
end
-- The rate at which jobs of a tenant are accepted from its stream of the inbox.
local function acceptance_key(stream) return P .. 'acceptance:' .. stream end
-- The number of the last batch that a worker was granted.
local function batch_key(session) return P .. 'batch:' .. session end
-- Parses a value of `leases`: batch, kind, slot. The first value of a hash is padded with zeros.
local function read_lease(value) return string.match(value or '', '^0*(%d+) (%S+) (%d+)$') end
local function has_lease(session, id, batch)
  return read_lease(redis.call('HGET', leases_key(session), id)) == batch
end

-- Counts of this minute, kept for two days. They are written once, at the end of a script.
local tallies = {}
local function tally(what, by) tallies[what] = (tallies[what] or 0) + (by or 1) end
-- Stands in place of the kind in the lease of a job with a cached answer, which needs no call.
local CACHED = 'cached'
-- By kind: the change in the number of jobs that run.
local in_flight_by_kind = {}
local function count_in_flight(kind, by)
  if kind ~= CACHED then in_flight_by_kind[kind] = (in_flight_by_kind[kind] or 0) + by end
end

-- Ends a worker's lease for a job once the job is where it goes. Returns the kind of the lease, and its batch.
local function release_lease(session, id)
  local lease = redis.call('HGET', leases_key(session), id)
  if not lease then return end
  local batch, kind = read_lease(lease)
  later('HDEL', leases_key(session), id)
  kind = kind or 'unknown'
  count_in_flight(kind, -1)
  -- If it was the half-open probe, another job can become that.
  if redis.call('HGET', limiter_key(kind), 'probe') == session .. ' ' .. id then
    redis.call('HDEL', limiter_key(kind), 'probe')
    redis.call('PUBLISH', P .. 'wake', kind)
  end
  return kind, batch
end

-- Takes the fencing token of a lease back before the lease ends, so that its worker can no longer settle the job.
local REVOKED = '0'
local function revoke_lease(session, id, kind) redis.call('HSET', leases_key(session), id, REVOKED .. ' ' .. kind .. ' 0') end

-- Ends the lease under which a job was settled, or stalled: if the script that did so stopped, the job may go on elsewhere while
-- that worker still seems to have it.
local function end_old_leases(id, progress)
  for _, token in ipairs({ progress.by or '', progress.stalled or '' }) do
    local session, batch = string.match(token, '^(.*) (%d+)$')
    local held = session and read_lease(redis.call('HGET', leases_key(session), id))
    if held and (held == batch or held == REVOKED) then release_lease(session, id) end
  end
end

-- Changes the number of jobs that run under a limiter. If the limiter was full, wakes the workers that may wait for it.
local function add_in_flight(scope, by)
  local left = redis.call('HINCRBY', limiter_key(scope), 'running', by)
  if by >= 0 then return end
  local cap = tonumber(redis.call('HGET', limiter_key(scope), 'in_flight'))
  if cap and left < cap and left - by >= cap then redis.call('PUBLISH', P .. 'wake', scope) end
end
local function write_in_flight()
  local all = 0
  for kind, by in pairs(in_flight_by_kind) do
    all = all + by
    if by ~= 0 then add_in_flight(kind, by) end
  end
  if all ~= 0 then add_in_flight('account', all) end
  in_flight_by_kind = {}
end
local function write_tallies()
  local key = P .. 'minute:' .. math.floor(now / 60000)
  for what, by in pairs(tallies) do
    if redis.call('HINCRBY', key, what, by) == by then redis.call('EXPIRE', key, 48 * 3600) end
  end
end

-- The time between two calls at a rate (us).
local function interval_of(calls, period, margin) return (period + margin) * 1000 / calls end

local function read_json(text)
  local read, value = pcall(cjson.decode, text or '')
  return read and type(value) == 'table' and value or {}
end
-- A job's header; nil if it cannot be read.
local function header_of(text)
  local header = read_json(text)
  return header.kind and header
end
-- A job's progress; empty before its first attempt.
local function progress_of(text)
  local progress = read_json(text)
  for _, count in ipairs({ 'attempts', 'calls', 'unanswered', 'stalls' }) do progress[count] = progress[count] or 0 end
  return progress
end

-- Ends the lease of a job that is about to be settled. Only the worker with this very lease can settle it. Returns nil and the
-- kind of the lease, or why not: 'again' if this settlement was applied before and its reply was lost, 'lost' if the lease is.
local function end_lease(session, batch, id)
  if has_lease(session, id, batch) then return nil, (release_lease(session, id)) end
  local progress = read_json(redis.call('HGET', job_key(id), 'progress'))
  return progress.by == session .. ' ' .. batch and 'again' or 'lost'
end

-- The session with a lease for a job; O(workers).
local sessions
local function lease_holder(id)
  sessions = sessions or redis.call('ZRANGE', P .. 'workers', 0, -1)
  for _, session in ipairs(sessions) do
    if redis.call('HEXISTS', leases_key(session), id) == 1 then return session end
  end
end

-- Times of one clock that differ by less count as equal (ms).
local STEP = 1000
-- Records a heartbeat of a worker. After a silence of all workers, Redis itself was away: each of them gets the duration of a
-- lease to report, because otherwise all jobs under way would be taken from workers that have their answers. They get the same
-- if the clock was set back, because otherwise their old times would keep dead workers alive. `set-back` records from when on,
-- and by how much, times in `scheduled` are too late. Returns the batch that is being granted, if a lease script stopped amid it.
local function heartbeat(lease)
  local f = redis.call('MGET', P .. 'last-heartbeat', P .. 'granting')
  local last = tonumber(f[1] or now_text)
  local is_set_back = last - now > STEP
  if is_set_back or now - last > lease / 2 then
    for _, session in ipairs(redis.call('ZRANGE', P .. 'workers', 0, -1)) do
      redis.call('ZADD', P .. 'workers', now + lease, session)
    end
  end
  if is_set_back then redis.call('SET', P .. 'set-back', whole(last) .. ' ' .. whole(last - now)) end
  redis.call('SET', P .. 'last-heartbeat', now_text)
  return f[2]
end

-- Results are found by the time at which their job ended; for others the time is kept with the job, as few have one: the stream's
-- clock was ahead, or the job died before. An entry lies within so many milliseconds after its time.
local SOON = 100
local function remember_result(id, at)
  local known = redis.call('HGET', job_key(id), 'results')
  redis.call('HSET', job_key(id), 'results', (known and known .. ' ' or '') .. at)
end
-- Keeps the time of an entry if it is not that of this script.
local function remember_if_elsewhere(id, entry)
  local at = string.match(entry, '^%d+')
  if at ~= now_text and (tonumber(at) < now or tonumber(at) > now + SOON) then remember_result(id, at) end
end

-- Returns until when a limiter's pause lasts. A pause keeps its length if the clock was set back since it began.
local function end_of_pause(key, ends, began)
  local f = redis.call('HMGET', key, ends, began)
  local closed_until, closed_at = tonumber(f[1] or '0'), tonumber(f[2] or '0')
  if closed_until <= 0 or closed_at - now <= STEP then return closed_until end
  closed_until = closed_until - (closed_at - now)
  redis.call('HSET', key, ends, whole(closed_until), began, now_text)
  return closed_until
end
local function pause_of(key) return end_of_pause(key, 'until', 'closed_at') end

-- Returns whether a job that is in a place since `at` came there no later than `by` (ms; 0: at any time). Nothing tells when jobs
-- came that wait for a time.
local function came_by(place, at, by) return by == 0 or place == 'scheduled' or tonumber(at) <= by end
