-- Limiters: each kind has one, and so has the account. A call needs the permission of both. A limiter is a hash; a field that
-- is missing does not limit. Its limits: `rate` calls in `period` ms with `burst` and `margin` ms, `daily` calls in days by
-- `offsets`, `in_flight`. Its state: `paused` by a person since `paused_at`, until a time or until it is resumed (1); `until` when it
-- is closed and the `reason`; the number of `pauses` in a row without a success since, and the current `probe`; `next` (us), the time that its rate has reached; `used` of the day
-- from `day_from` to `day_to`; `running`; `served`.
local LAGOS = '3600' -- seconds east of Greenwich

-- Returns the end of the day that contains a moment, in seconds since 1970. `offsets` is the first offset, followed by
-- `;FROM=OFFSET` for each change.
local function end_of_day(offsets, at)
  local offset, following, from_then = tonumber(string.match(offsets, '^-?%d+')), nil, nil
  for from, changed in string.gmatch(offsets, ';(%d+)=(-?%d+)') do
    if tonumber(from) > at then
      following, from_then = tonumber(from), tonumber(changed)
      break
    end
    offset = tonumber(changed)
  end
  local midnight = (math.floor((at + offset) / 86400) + 1) * 86400
  if not following or following > midnight - offset then return midnight - offset end
  -- The offset changes before midnight: midnight is computed with the new offset, or is the change itself if that skips
  -- midnight.
  return math.max(following, midnight - from_then)
end

local function limiter_of(scope)
  local flat, limiter = redis.call('HGETALL', limiter_key(scope)), { scope = scope, given = 0 }
  for i = 1, #flat, 2 do limiter[flat[i]] = tonumber(flat[i + 1]) or flat[i + 1] end
  limiter.pauses, limiter.used = limiter.pauses or 0, limiter.used or 0
  limiter.closed_until = limiter['until'] and pause_of(limiter_key(scope)) or 0
  -- A person's pause that has an end is over then.
  local paused = (limiter.paused or 0) > 1 and end_of_pause(limiter_key(scope), 'paused', 'paused_at') or limiter.paused
  limiter.paused = paused == 1
  if paused and paused > 1 then limiter.closed_until = limiter.closed_until == -1 and -1 or math.max(limiter.closed_until, paused) end
  limiter.running, limiter.served, limiter.day_from = limiter.running or 0, limiter.served or 0, limiter.day_from or 0
  local function day_ends() return end_of_day(tostring(limiter.offsets or LAGOS), now / 1000) * 1000 end
  if now >= (limiter.day_to or 0) then
    -- The clock may have been ahead when this day began: then the day before continues.
    limiter.last_from, limiter.last_used = limiter.day_from, limiter.used
    limiter.day_from, limiter.day_to, limiter.used = now, day_ends(), 0
  elseif limiter.day_from - now > STEP then
    local last = limiter.last_from or 0
    local goes_on = last > 0 and now >= last and now < end_of_day(tostring(limiter.offsets or LAGOS), last / 1000) * 1000
    limiter.day_from, limiter.used = goes_on and limiter.last_from or now, limiter.used + (goes_on and limiter.last_used or 0)
    limiter.day_to, limiter.last_from, limiter.last_used = day_ends(), 0, 0
  end
  if limiter.rate then
    limiter.interval = interval_of(limiter.rate, limiter.period, limiter.margin)
    limiter.next, limiter.slack = limiter.next or 0, (limiter.burst - 1) * limiter.interval
  end
  return limiter
end

-- Returns how many more calls it allows now, regardless of its rate.
local function room(limiter)
  local places = limiter.in_flight and limiter.in_flight - limiter.running or math.huge
  return math.max(0, math.min(places, limiter.daily and limiter.daily - limiter.used or math.huge))
end

-- After a pause, calls go one at a time, as probes, until one succeeds. Returns whether a probe is under way.
local function probe_is_out(limiter)
  local with, id = string.match(limiter.probe or '', '^(.*) (%w+)$')
  return with and redis.call('HEXISTS', leases_key(with), id) == 1
end

-- Returns until when it is closed (us), or nil if that is unknown. For a call that it has let through already, its limits do
-- not count.
local function shut_until(limiter, is_through)
  if limiter.paused or limiter.closed_until == -1 then return nil end
  if is_through then return limiter.closed_until * 1000 end
  if limiter.in_flight and limiter.running >= limiter.in_flight then return nil end
  return math.max(limiter.closed_until, limiter.daily and limiter.used >= limiter.daily and limiter.day_to or 0) * 1000
end

-- Returns when its rate has the next slot, not before `from`.
local function next_slot(limiter, from)
  return limiter.interval and math.max(from, limiter.next - limiter.slack) or from
end

-- Counts a call at that time.
local function pass(limiter, at)
  limiter.given, limiter.used, limiter.running, limiter.served = limiter.given + 1, limiter.used + 1, limiter.running + 1, limiter.served + 1
  if limiter.interval then limiter.next = math.max(limiter.next, at) + limiter.interval end
end

local function write_limiter(limiter)
  if limiter.given == 0 then return end
  local fields = { 'used', limiter.used, 'served', limiter.served, 'day_from', whole(limiter.day_from), 'day_to', whole(limiter.day_to),
    'last_from', whole(limiter.last_from or 0), 'last_used', limiter.last_used or 0 }
  if limiter.interval then
    table.insert(fields, 'next')
    table.insert(fields, whole(limiter.next))
  end
  redis.call('HSET', limiter_key(limiter.scope), unpack(fields))
end
