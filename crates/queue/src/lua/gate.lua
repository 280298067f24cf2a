-- Gates: one before every kind and one, the account's, before all of them. A call needs the leave of both. A gate is a
-- hash; what is not there does not limit. Its limits: `rate` calls in `period` ms with `burst` and `margin` ms, `daily`
-- calls in days by `offsets`, `in_flight`. Its state: `paused` by a person, `until` when it is closed and for what
-- `reason`, `pauses` in a row without a success since and the `probe` that is out, `next` (us) which its rate has
-- reached, `used` of the day `day_from` to `day_to`, `flying`, `served`.
local LAGOS = '3600' -- seconds east of Greenwich

-- The end of the day in which a moment lies, in seconds since 1970. Offsets are the first one, and then `;FROM=OFFSET`
-- for each change of it.
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
  -- The clocks change before: midnight comes by the new time, or is what they skip.
  return math.max(following, midnight - from_then)
end

local function gate_of(scope)
  local flat, gate = redis.call('HGETALL', gate_key(scope)), { scope = scope, given = 0 }
  for i = 1, #flat, 2 do gate[flat[i]] = tonumber(flat[i + 1]) or flat[i + 1] end
  gate.pauses, gate.used = gate.pauses or 0, gate.used or 0
  gate.closed_until = gate['until'] and pause_of(gate_key(scope)) or 0
  gate.flying, gate.served, gate.day_from = gate.flying or 0, gate.served or 0, gate.day_from or 0
  local function day_ends() return end_of_day(tostring(gate.offsets or LAGOS), now / 1000) * 1000 end
  if now >= (gate.day_to or 0) then
    -- Perhaps this day comes only by a clock that is ahead: then the day before goes on.
    gate.last_from, gate.last_used = gate.day_from, gate.used
    gate.day_from, gate.day_to, gate.used = now, day_ends(), 0
  elseif gate.day_from - now > STEP then
    local last = gate.last_from or 0
    local goes_on = last > 0 and now >= last and now < end_of_day(tostring(gate.offsets or LAGOS), last / 1000) * 1000
    gate.day_from, gate.used = goes_on and gate.last_from or now, gate.used + (goes_on and gate.last_used or 0)
    gate.day_to, gate.last_from, gate.last_used = day_ends(), 0, 0
  end
  if gate.rate then
    gate.interval = interval_of(gate.rate, gate.period, gate.margin)
    gate.next, gate.slack = gate.next or 0, (gate.burst - 1) * gate.interval
  end
  return gate
end

-- How many more calls it lets through now, if their times come.
local function room(gate)
  local places = gate.in_flight and gate.in_flight - gate.flying or math.huge
  return math.max(0, math.min(places, gate.daily and gate.daily - gate.used or math.huge))
end

-- Until a gate has seen a success after a pause, its calls go one at a time: probes.
local function probe_is_out(gate)
  local with, id = string.match(gate.probe or '', '^(.*) (%w+)$')
  return with and redis.call('HEXISTS', held_key(with), id) == 1
end

-- Until when it is shut, in microseconds, if it is; nil while nobody knows. For a call that it let through already its
-- limits do not count.
local function shut_until(gate, is_through)
  if gate.paused or gate.closed_until == -1 then return nil end
  if is_through then return gate.closed_until * 1000 end
  if gate.in_flight and gate.flying >= gate.in_flight then return nil end
  return math.max(gate.closed_until, gate.daily and gate.used >= gate.daily and gate.day_to or 0) * 1000
end

-- When its rate has the next slot, not before `from`.
local function next_slot(gate, from)
  return gate.interval and math.max(from, gate.next - gate.slack) or from
end

-- A call goes through at that time.
local function pass(gate, at)
  gate.given, gate.used, gate.flying, gate.served = gate.given + 1, gate.used + 1, gate.flying + 1, gate.served + 1
  if gate.interval then gate.next = math.max(gate.next, at) + gate.interval end
end

local function write_gate(gate)
  if gate.given == 0 then return end
  local fields = { 'used', gate.used, 'served', gate.served, 'day_from', whole(gate.day_from), 'day_to', whole(gate.day_to),
    'last_from', whole(gate.last_from or 0), 'last_used', gate.last_used or 0 }
  if gate.interval then
    table.insert(fields, 'next')
    table.insert(fields, whole(gate.next))
  end
  redis.call('HSET', gate_key(gate.scope), unpack(fields))
end
