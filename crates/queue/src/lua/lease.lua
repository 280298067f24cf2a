-- Grants a worker leases, each with permission to send and the time for it.
--
-- Arguments: session; number of the batch; turn; how many jobs at most; duration of a lease (ms); stalls allowed; '1' to hold
-- ambiguous calls for a decision; retention of dead jobs (ms); entries that the results stream keeps; horizon (us): how far ahead
-- slots are granted; lead (us): how long it takes until the worker has the answer; ids of keys that the
-- worker lacks, each between blanks; then the kinds.
-- Returns { when to ask again (ms from now) or -1, now (us), when these leases were granted (us), 1 if they were asked for again,
-- rates: { scope, calls or 0, period (ms), burst, … }, jobs of dead workers that are now held for a decision: { id, kind, … }, then
-- ten values for each job: see lease.rs }.
local session, batch, turn, wanted, lease_ms, max_stalls, hold_ambiguous, retention_ms, keep_results, horizon_us, lead_us,
  missing_keys = unpack(ARGV, 1, 12)
turn, wanted, lease_ms = tonumber(turn), tonumber(wanted), bounded(lease_ms)
retention_ms, keep_results = bounded_text(retention_ms), bounded_text(keep_results)
local horizon, soonest = now_us + horizon_us, now_us + lead_us
local FIRST_KIND = 13
local kinds = #ARGV - FIRST_KIND + 1
-- Where the account has a rate, a slot is not given further ahead than this behind an unused one (us): what is left
-- out is lost to other kinds.
local LONGEST_HOLE = 30000
-- A slot is near when it lies this far ahead (us).
local NEAR = 20000

-- A full Redis refuses the first write of a script if it may grow: one that cannot stands in front of the others,
-- so that what is there can be finished.
redis.call('ZREM', P .. 'workers', '')
finish_granting(heartbeat(lease_ms))
sweep_workers(tonumber(max_stalls), hold_ambiguous == '1', retention_ms, keep_results)
-- What is ended next must be found where it waits.
write_ready_queues()
sweep_set_back()
sweep_deadlines(lease_ms, retention_ms, keep_results)
sweep_scheduled(retention_ms, keep_results)
local followers_are_left = sweep_followers(retention_ms, keep_results)
write_ready_queues()
write_in_flight()

-- Jobs as one flat array: a table for each would be looked through for names when Redis answers with it.
local VALUES, jobs, given_out = 10, {}, 0
local is_first, next_at = true, followers_are_left and now or math.huge
-- Whether the worker lacks the key that a key record is wrapped for. Magic, version and length precede the key's id, and eight
-- characters that tell it from others of that id follow.
local function lacks_key_of(record)
  if missing_keys == '' or not record then return false end
  local id = string.sub(record, 7, 14 + (string.byte(record, 6) or 0))
  return string.find(missing_keys, ' ' .. id .. ' ', 1, true) ~= nil
end
-- A job for the worker, unless it was dropped or ended while it waited. Returns 'not mine' for one that the worker cannot open.
local function add_to_batch(id, pauses, slot)
  local f = redis.call('HMGET', job_key(id), 'header', 'request', 'progress', 'key')
  local progress = f[3] and read_json(f[3])
  if not f[1] or progress and progress.state then return false end
  leave_behind(id, f[1], progress)
  local known = answers[id]
  if lacks_key_of(f[4]) or known and lacks_key_of(known[3]) then return 'not mine' end
  local at = given_out * VALUES
  jobs[at + 1], jobs[at + 2], jobs[at + 3], jobs[at + 4] = id, pauses, slot, f[1]
  jobs[at + 5], jobs[at + 6], jobs[at + 7] = f[2] or '', f[3] or '', f[4] or ''
  jobs[at + 8], jobs[at + 9], jobs[at + 10] = known and known[1] or '', known and known[2] or '', known and known[3] or ''
  given_out = given_out + 1
  return true
end
-- Jobs are the worker's before they leave their ready queue: whatever fails then, they are not lost. The batch is written before
-- them, so that a worker that asks again gets those.
local last, given_us = string.match(redis.call('GET', batch_key(session)) or '', '^(%d+) ?(%d*)$')
last = tonumber(last or '0')
local has_begun = false
local function begin_batch()
  has_begun = true
  redis.call('ZADD', P .. 'workers', now + lease_ms, session)
  redis.call('SET', batch_key(session), batch .. ' ' .. whole(now_us), 'EX', 600)
  redis.call('SET', P .. 'granting', session .. ' ' .. batch) -- until its jobs have left their places
end
local function lease_jobs(ids, limiter, slots, leave)
  local leases = {}
  if #ids > 0 and not has_begun then begin_batch() end
  for nth, id in ipairs(ids) do
    local value = batch .. ' ' .. limiter.scope .. ' ' .. slots[nth]
    -- A value of more than 64 bytes makes Redis keep a table, and not a list that it searches from end to end.
    if is_first then value, is_first = string.rep('0', 65) .. value, false end
    table.insert(leases, id)
    table.insert(leases, value)
  end
  for i = 1, #leases, 400 do redis.call('HSET', leases_key(session), unpack(leases, i, math.min(i + 399, #leases))) end
  count_in_flight(limiter.scope, #ids)
  leave()
  for nth, id in ipairs(ids) do
    local added = add_to_batch(id, limiter.pauses, slots[nth])
    if added == 'not mine' then
      -- Behind the others of its kind: another worker takes it, or this one once it has the key.
      release_lease(session, id)
      local f = redis.call('HMGET', job_key(id), 'header', 'progress')
      make_ready(id, header_of(f[1]), progress_of(f[2]), false)
      next_at = math.min(next_at, now + 1000)
    elseif not added then
      release_lease(session, id)
      drop(id, retention_ms, keep_results)
      next_at = now -- the slots of such are used, but others may wait behind them
    elseif limiter.pauses > 0 then
      redis.call('HSET', limiter_key(limiter.scope), 'probe', session .. ' ' .. id)
    end
  end
end

-- Jobs whose answer is there need no call, and no leave for one.
local MOST_CACHED = 25
local function lease_cached()
  local wants = {}
  for i = FIRST_KIND, #ARGV do wants[ARGV[i]] = true end
  for _, kind in ipairs(redis.call('SMEMBERS', P .. 'cached')) do
    local most = wants[kind] and math.min(wanted, MOST_CACHED - given_out) or 0
    local first, ids, slots = most > 0 and redis.call('ZRANGE', cached_key(kind), 0, most - 1) or {}, {}, {}
    for _, id in ipairs(first) do
      if find_cached(id) then
        table.insert(ids, id)
        table.insert(slots, '0')
      end
    end
    local function leave()
      write_joined()
      if #first > 0 then redis.call('ZREM', cached_key(kind), unpack(first)) end
    end
    lease_jobs(ids, { scope = CACHED, pauses = 0 }, slots, leave)
    wanted = wanted - #ids
    if redis.call('EXISTS', cached_key(kind)) == 0 then
      redis.call('SREM', P .. 'cached', kind)
    elseif wants[kind] then
      next_at = now
    end
  end
  -- What asks itself now must be found in its ready queue.
  write_ready_queues()
end

-- A batch is given once. Asked for again, because its answer was lost, it is the same, without what was settled since;
-- an older one, whose request comes late, is nothing to anybody.
local is_again = last == tonumber(batch)
if is_again then
  local account_shut = shut_until(limiter_of('account'), true) or math.huge
  local given = redis.call('HGETALL', leases_key(session))
  for i = 1, #given, 2 do
    local number, kind, slot = read_lease(given[i + 1])
    if number == batch and kind == CACHED then
      if not (find_cached(given[i]) and add_to_batch(given[i], 0, '0') == true) then release_lease(session, given[i]) end
    elseif number == batch then
      local limiter = limiter_of(kind)
      -- Where its kind was closed meanwhile it gets a slot that is long past, and is given back.
      local is_probe = limiter.probe == session .. ' ' .. given[i]
      local shut = math.max(account_shut, shut_until(limiter, true) or math.huge)
      local is_void = shut > now_us or limiter.pauses > 0 and not is_probe
      add_to_batch(given[i], limiter.pauses, is_void and '1' or slot)
    end
  end
end

local is_fresh = last < tonumber(batch)
if is_fresh then lease_cached() end

-- Of all quarantined jobs one is under way at a time, in whatever worker: who brings workers down goes down alone.
local function quarantined_may_go()
  if redis.call('EXISTS', P .. 'quarantined') == 0 then return false end
  local with, leased = string.match(redis.call('GET', P .. 'quarantine-lease') or '', '^(.*) (%w+)$')
  return not with or redis.call('HEXISTS', leases_key(with), leased) == 0
end

-- Beginning with another kind at every turn, for the first may be parked.
local function kind_of_quarantined()
  for i = 1, kinds do
    local kind = ARGV[FIRST_KIND + (turn + i) % kinds]
    if redis.call('EXISTS', P .. 'ready:' .. kind .. ':quarantined') == 1 then return kind end
  end
end

-- The kinds for which jobs wait, beginning with another one after every job of the fleet.
local LISTS, QUARANTINED, DEFERRED = { 'high', 'normal', 'low', 'quarantined', 'deferred' }, 4, 5
local all_served = tonumber(redis.call('HGET', limiter_key('account'), 'served') or '0')
local waiting, with_quarantined = {}, is_fresh and quarantined_may_go() and kind_of_quarantined()
for i = 1, is_fresh and kinds or 0 do
  local kind = ARGV[FIRST_KIND + (all_served + i) % kinds]
  local queue, lengths, all = P .. 'ready:' .. kind .. ':', {}, 0
  -- Most kinds have none.
  local is_any = kind == with_quarantined
    or redis.call('EXISTS', queue .. 'high', queue .. 'normal', queue .. 'low', queue .. 'deferred') > 0
  for nth, list in ipairs(is_any and LISTS or {}) do
    lengths[nth] = nth == QUARANTINED and (kind == with_quarantined and 1 or 0) or redis.call('ZCARD', queue .. list)
    all = all + lengths[nth]
  end
  if all > 0 then
    local limiter = limiter_of(kind)
    limiter.lengths, limiter.waiting, limiter.slots = lengths, all, {}
    table.insert(waiting, limiter)
  end
end
local account = #waiting > 0 and limiter_of('account')

-- How many slots of the horizon are one worker's part.
local sharers
local function share_of(limiter)
  if not limiter.interval then return math.huge end
  sharers = sharers or math.max(1, redis.call('ZCOUNT', P .. 'workers', now, '+inf'))
  return math.ceil((horizon - now_us) / limiter.interval / sharers)
end

local is_any_limited = false -- whether the time of a call matters to any of them
-- What a limiter lets through in this call, and from when on. What is shut is not opened ahead of its time.
local function prepare(limiter)
  -- No slot was given beyond the horizon, and no burst is longer than the rate: what is further comes from a clock that
  -- was set back since, or from other limits.
  local furthest = limiter.interval and horizon + (limiter.rate + 1) * limiter.interval
  if furthest and limiter.next > furthest then
    limiter.next = furthest
    redis.call('HSET', limiter_key(limiter.scope), 'next', whole(furthest))
  end
  limiter.at, limiter.share = next_slot(limiter, soonest), share_of(limiter)
  local is_open = (shut_until(limiter) or math.huge) <= now_us
  limiter.left = is_open and math.min(room(limiter), limiter.waiting or math.huge) or 0
  limiter.waits_for_probe = limiter.pauses > 0 and probe_is_out(limiter)
  if limiter.pauses > 0 then limiter.left = math.min(limiter.left, limiter.waits_for_probe and 0 or 1) end
  is_any_limited = is_any_limited or limiter.interval or limiter.daily
end
local function advance(limiter, at)
  pass(limiter, at)
  limiter.left = limiter.given < limiter.share and limiter.left - 1 or 0
  limiter.at = next_slot(limiter, soonest)
end

-- When a kind's next call would go, if its slot can be given now.
local function slot_of(limiter)
  local at = math.max(limiter.at, account.at)
  local leaves_hole = account.interval and limiter.at > account.at and limiter.at > soonest + LONGEST_HOLE
  local is_tomorrow = limiter.daily and at >= limiter.day_to * 1000 or account.daily and at >= account.day_to * 1000
  return limiter.left > 0 and at <= horizon and not leaves_hole and not is_tomorrow and at or nil
end

-- Where places are few: first kinds whose rate has a slot soon, for it would be lost to them; then those that need not
-- wait; at last those that would hold a place until their slot comes. Every other round of the kinds all are alike, so
-- that none starves. Where the account has a rate, all wait for that.
local function rank_of(limiter, slot)
  if account.interval or math.floor(all_served / kinds) % 2 == 1 then return 2 end
  return slot > soonest + NEAR and 3 or limiter.interval and 1 or 2
end

-- Where nothing has a rate every kind may send at once, and each is given as many as the others.
local function plan_without_rates()
  for _ = 1, math.min(wanted, account.left) do
    local best
    for _, limiter in ipairs(waiting) do
      if limiter.left > 0 and (not best or limiter.given < best.given) then best = limiter end
    end
    if not best then return end
    pass(best, soonest)
    pass(account, soonest)
    best.left = best.left - 1
    table.insert(best.slots, '0')
  end
end

-- Slots one by one, of kinds of one rank for that which was given least so far, or else may send first.
local function plan()
  if not is_any_limited then return plan_without_rates() end
  for _ = 1, wanted do
    local best, at, rank
    for _, limiter in ipairs(waiting) do
      local slot = slot_of(limiter)
      local own = slot and rank_of(limiter, slot)
      local is_better = slot and (not best or own < rank
        or own == rank and (limiter.given < best.given or limiter.given == best.given and slot < at))
      if is_better then best, at, rank = limiter, slot, own end
    end
    if not best or account.left <= 0 then return end
    table.insert(best.slots, (best.interval or account.interval) and whole(at) or '0')
    advance(best, at)
    advance(account, at)
  end
end

-- Of seven jobs four are high, two normal and one low, as long as there are such: none starves. Of eight, one was told to
-- stop before; while a kind tries again it goes only where no other can.
local SEVEN = { 1, 2, 1, 3, 1, 2, 1 }
local function next_list(rest, number, probes)
  if rest[QUARANTINED] > 0 then return QUARANTINED end
  local others = rest[1] + rest[2] + rest[3]
  if rest[DEFERRED] > 0 and (others == 0 or not probes and number % 8 == 0) then return DEFERRED end
  local list = SEVEN[number % 7 + 1]
  return rest[list] > 0 and list or rest[1] > 0 and 1 or rest[2] > 0 and 2 or 3
end
local function fill(limiter)
  local rest, slots = limiter.lengths, { {}, {}, {}, {}, {} }
  for nth = 1, #limiter.slots do
    local list = next_list(rest, limiter.served - limiter.given + nth, limiter.pauses > 0)
    rest[list] = rest[list] - 1
    table.insert(slots[list], limiter.slots[nth])
  end
  for nth, list in ipairs(LISTS) do
    local count = #slots[nth]
    local ids = count > 0 and head_of(limiter.scope, list, count) or {}
    if nth == QUARANTINED and ids[1] then redis.call('SET', P .. 'quarantine-lease', session .. ' ' .. ids[1]) end
    lease_jobs(ids, limiter, slots[nth], function() take_from(limiter.scope, list, ids, count) end)
  end
end

local rates = {}
if account then
  prepare(account)
  for _, limiter in ipairs(waiting) do prepare(limiter) end
  plan()
  write_limiter(account)
  for _, limiter in ipairs(waiting) do write_limiter(limiter) end
  for _, limiter in ipairs(waiting) do fill(limiter) end
  table.insert(waiting, account)
  for _, limiter in ipairs(waiting) do
    for _, value in ipairs(limiter.given > 0 and { limiter.scope, limiter.rate or 0, limiter.period or 0, limiter.burst or 0 } or {}) do
      table.insert(rates, value)
    end
  end
end
if has_begun then later('DEL', P .. 'granting') end
-- What it holds is its own for as long as it counts as alive.
if given_out > 0 and not has_begun then
  redis.call('ZADD', P .. 'workers', now + lease_ms, session)
elseif given_out == 0 and has_begun then
  -- A batch without a job is none: the worker asks again under the same number.
  redis.call('SET', batch_key(session), last .. ' ' .. (given_us or ''), 'EX', 600)
end

-- When there is something to take again, for what waits still. What waits for a call to end is woken by its end.
local function ask_again(limiter)
  local shut, account_shut = shut_until(limiter), shut_until(account)
  if limiter.waiting <= limiter.given or not shut or not account_shut then return math.huge end
  shut = math.max(shut, account_shut)
  if shut > now_us then return shut end
  if limiter.waits_for_probe or limiter.pauses > 0 and limiter.given > 0 then return math.huge end
  local own, of_account = next_slot(limiter, now_us), next_slot(account, now_us)
  local at = math.max(own, of_account)
  if account.interval and own > of_account then
    return math.max(now_us + 2000, at - LONGEST_HOLE - (soonest - now_us))
  end
  -- Half of the horizon is left by then; or half of what others were left to take.
  return at > horizon and at - (horizon - now_us) / 2 or now_us + math.max(2000, (at - now_us) / 2)
end
for _, limiter in ipairs(waiting) do
  if limiter ~= account then next_at = math.min(next_at, ask_again(limiter) / 1000) end
end
next_at = math.min(next_at, sweep_next())
local answer = {
  next_at == math.huge and -1 or math.max(0, math.ceil(next_at - now)),
  whole(now_us), is_again and given_us or whole(now_us), is_again and 1 or 0, rates, for_decision,
}
for nth = 1, given_out * VALUES do answer[6 + nth] = jobs[nth] end
return answer
