-- Stands in front of every script. KEYS[1] is the queue's prefix, such as "{kyc}": all keys carry its hash
-- tag and lie in one slot of a cluster, so a script may build their names.
local P = KEYS[1] .. ':'
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000) -- milliseconds, on the only clock that decides
local now_us = t[1] * 1000000 + t[2]
-- Redis takes its time to write a number, and Lua writes a long one short of its last digits.
local function whole(number) return string.format('%.0f', number) end
local now_text = whole(now)

local function job_key(id) return P .. 'job:' .. id end
-- What decides when a kind may send, or when the account may: its limits, its pause, what it has used.
local function limiter_key(scope) return P .. 'limiter:' .. scope end
-- What a worker holds: for each job the number of the batch that it came with, its fencing token; its kind; and when
-- it may be sent.
local function leases_key(session) return P .. 'leases:' .. session end
-- The number of the last batch that a worker was given, for a while.
local function batch_key(session) return P .. 'batch:' .. session end
-- A value of `leases`: batch, kind, slot. The first of a hash has many noughts in front.
local function read_lease(value) return string.match(value or '', '^0*(%d+) (%S+) (%d+)$') end
local function has_lease(session, id, batch)
  return read_lease(redis.call('HGET', leases_key(session), id)) == batch
end

-- What is counted by the minute, for two days; written once, at the end of a script.
local tallies = {}
local function tally(what, by) tallies[what] = (tallies[what] or 0) + (by or 1) end
-- In the place of its kind where a worker holds a job that needs no call: its answer is there.
local CACHED = 'cached'
-- By kind: how many jobs more, or fewer, are in the hands of workers.
local in_flight_by_kind = {}
local function count_in_flight(kind, by)
  if kind ~= CACHED then in_flight_by_kind[kind] = (in_flight_by_kind[kind] or 0) + by end
end

-- Takes a job out of the hands of a worker. Answers the kind under which it was held.
local function release_lease(session, id)
  local _, kind = read_lease(redis.call('HGET', leases_key(session), id))
  if redis.call('HDEL', leases_key(session), id) == 0 then return end
  kind = kind or 'unknown'
  count_in_flight(kind, -1)
  -- It was to try whether the provider is well: another one may.
  if redis.call('HGET', limiter_key(kind), 'probe') == session .. ' ' .. id then
    redis.call('HDEL', limiter_key(kind), 'probe')
    redis.call('PUBLISH', P .. 'wake', kind)
  end
  return kind
end

-- One limiter's calls in flight. Where it was full, somebody may wait for that.
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

-- The time between two calls of a rate, in microseconds.
local function interval_of(calls, period, margin) return (period + margin) * 1000 / calls end

local function read_json(text)
  local read, value = pcall(cjson.decode, text or '')
  return read and type(value) == 'table' and value or {}
end
-- What stands on a job without opening it; nil when that cannot be read.
local function header_of(text)
  local header = read_json(text)
  return header.kind and header
end
-- What a job went through so far; empty at first.
local function progress_of(text)
  local progress = read_json(text)
  for _, count in ipairs({ 'attempts', 'calls', 'unanswered', 'stalls' }) do progress[count] = progress[count] or 0 end
  return progress
end

-- Only the worker that holds a job, under this very lease, may settle it. Answers nil and the kind under which it was held,
-- or why not: 'again' when this settlement was applied before and its answer was lost, 'lost' when the lease has gone.
local function end_lease(session, batch, id)
  if has_lease(session, id, batch) then return nil, release_lease(session, id) end
  local progress = read_json(redis.call('HGET', job_key(id), 'progress'))
  return progress.by == session .. ' ' .. batch and 'again' or 'lost'
end

-- Who holds a job; O(workers).
local sessions
local function lease_holder(id)
  sessions = sessions or redis.call('ZRANGE', P .. 'workers', 0, -1)
  for _, session in ipairs(sessions) do
    if redis.call('HEXISTS', leases_key(session), id) == 1 then return session end
  end
end

-- Two times of one clock that differ by less are not told apart (ms).
local STEP = 1000
-- A worker is heard. After a silence of all of them it was Redis that was away: each gets a lease's time to say that it
-- lives, or all jobs under way would be taken from workers that hold their answers. Where the clock was set back they get
-- the same: what they promised before would make the dead live on. `set-back` tells from when on, and by how much, times
-- in `scheduled` are too late.
local function heartbeat(lease)
  local last = tonumber(redis.call('GET', P .. 'last-heartbeat') or now_text)
  local is_set_back = last - now > STEP
  if is_set_back or now - last > lease / 2 then
    for _, session in ipairs(redis.call('ZRANGE', P .. 'workers', 0, -1)) do
      redis.call('ZADD', P .. 'workers', now + lease, session)
    end
  end
  if is_set_back then redis.call('SET', P .. 'set-back', whole(last) .. ' ' .. whole(last - now)) end
  redis.call('SET', P .. 'last-heartbeat', now_text)
end

-- A pause is as long as it was meant to be, also when the clock was set back since it began. Answers until when it lasts.
local function pause_of(key)
  local f = redis.call('HMGET', key, 'until', 'closed_at')
  local closed_until, closed_at = tonumber(f[1] or '0'), tonumber(f[2] or '0')
  if closed_until <= 0 or closed_at - now <= STEP then return closed_until end
  closed_until = closed_until - (closed_at - now)
  redis.call('HSET', key, 'until', whole(closed_until), 'closed_at', now_text)
  return closed_until
end
