-- Closing limiters.

-- Tells workers to drop the slots that they have not used.
local function call_off(scope) redis.call('PUBLISH', P .. 'wake', '!' .. scope .. ' ' .. whole(now_us)) end

-- Closes a limiter until a time, or until it is resumed (-1). It never shortens a longer pause.
local function close(scope, closed_until, reason)
  local key = limiter_key(scope)
  local known = pause_of(key)
  if known == -1 or closed_until ~= -1 and closed_until <= known then return end
  redis.call('HSET', key, 'until', whole(closed_until), 'reason', reason, 'closed_at', now_text)
  -- Calls that were under way together get the same answer: that is one pause.
  if known <= now then redis.call('HINCRBY', key, 'pauses', 1) end
  call_off(scope)
end

-- Counts a failure within a window, in the named fields of a limiter. Returns whether there were enough failures, and no fewer
-- than successes. While nothing succeeds the window does not end.
local function most_fail(key, failures, successes, since, enough, window)
  local f = redis.call('HMGET', key, failures, successes, since)
  local failed, ok, begun = tonumber(f[1] or '0') + 1, tonumber(f[2] or '0'), tonumber(f[3] or now_text)
  if ok > 0 and now - begun > window then failed, ok, begun = 1, 0, now end
  redis.call('HSET', key, failures, failed, successes, ok, since, whole(begun))
  return failed >= enough and failed >= ok
end

-- Counts a call whose failure speaks against the provider. Returns 'opened' if its kind's circuit opened by it, or
-- 'not_counted' if the circuit is open: then the attempt does not count.
local function circuit(kind, leased_after, enough, window, first, longest)
  if enough == 0 then return nil end
  local key = limiter_key(kind)
  local f = redis.call('HMGET', key, 'pauses', 'until')
  local pauses, closed_until = tonumber(f[1] or '0'), tonumber(f[2] or '0')
  local is_enough = most_fail(key, 'failed', 'ok', 'window', enough, window)
  if pauses > 0 then
    -- A call that was sent before the pause shows nothing new.
    local probe = closed_until ~= -1 and closed_until <= now and leased_after == pauses
    if not probe then return 'not_counted' end
  elseif not is_enough then
    return nil
  end
  close(kind, now + math.min(longest, first * 2 ^ math.min(pauses, 30)), 'circuit_open')
  return 'opened'
end

-- Counts answered calls in the circuit's window. The success of a probe lets the kind send as before.
local function provider_answered(kind, count, pauses_seen)
  local key = limiter_key(kind)
  local f = redis.call('HMGET', key, 'failed', 'pauses', 'until', 'unusable')
  -- When a deferred job is asked to stop again, this number is compared with the one at the last deferral.
  redis.call('HINCRBY', key, 'well', count)
  if f[1] then redis.call('HINCRBY', key, 'ok', count) end
  if f[4] then redis.call('HINCRBY', key, 'unusable_ok', count) end
  if not pauses_seen or f[2] ~= pauses_seen then return end
  local closed_until = tonumber(f[3] or '0')
  if closed_until ~= -1 and closed_until > now then return end
  redis.call('HDEL', key, 'pauses', 'probe', 'failed', 'ok', 'window', 'unusable', 'unusable_ok', 'unusable_window', 'unusable_parked')
  if closed_until ~= -1 then redis.call('HDEL', key, 'until', 'reason') end
  redis.call('PUBLISH', P .. 'wake', kind)
end

-- Gives back the slot of a job that was leased without a call being sent: subtracts the call from the day's count. If its slot
-- (us, or 0) is the last one that was granted, its rate can grant it again. An earlier slot is lost, since later slots keep
-- their distance from it.
local function give_back(kind, given_out, slot)
  for _, scope in ipairs({ kind, 'account' }) do
    local key = limiter_key(scope)
    local f = redis.call('HMGET', key, 'day_from', 'used', 'next', 'rate', 'period', 'margin')
    if given_out >= tonumber(f[1] or '0') and tonumber(f[2] or '0') > 0 then redis.call('HINCRBY', key, 'used', -1) end
    -- Both are rounded to whole microseconds.
    if slot > 0 and f[4] and math.abs(tonumber(f[3] or '0') - slot - interval_of(f[4], f[5], f[6])) <= 2 then
      redis.call('HSET', key, 'next', whole(slot))
    end
  end
end
