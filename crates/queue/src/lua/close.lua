-- Closing limiters.

-- Workers drop the slots that they have not used.
local function call_off(scope) redis.call('PUBLISH', P .. 'wake', '!' .. scope .. ' ' .. whole(now_us)) end

-- Closes a limiter for a while, or until it is resumed (-1). A longer pause that is known is never shortened.
local function close(scope, closed_until, reason)
  local key = limiter_key(scope)
  local known = pause_of(key)
  if known == -1 or closed_until ~= -1 and closed_until <= known then return end
  redis.call('HSET', key, 'until', whole(closed_until), 'reason', reason, 'closed_at', now_text)
  -- Calls that were under way together are told to wait together: that is one pause.
  if known <= now then redis.call('HINCRBY', key, 'pauses', 1) end
  call_off(scope)
end

-- Counts a failure within a window, in the fields of a limiter that are named. Answers whether enough failed, and no fewer
-- than succeeded. While nothing succeeds the window does not end.
local function most_fail(key, failures, successes, since, enough, window)
  local f = redis.call('HMGET', key, failures, successes, since)
  local failed, ok, begun = tonumber(f[1] or '0') + 1, tonumber(f[2] or '0'), tonumber(f[3] or now_text)
  if ok > 0 and now - begun > window then failed, ok, begun = 1, 0, now end
  redis.call('HSET', key, failures, failed, successes, ok, since, whole(begun))
  return failed >= enough and failed >= ok
end

-- A call failed in a way that speaks against the provider. Answers 'opened' or 'not_counted' when its kind's circuit opened by
-- it, or is open: then the attempt does not count.
local function circuit(kind, leased_after, enough, window, first, longest)
  if enough == 0 then return nil end
  local key = limiter_key(kind)
  local f = redis.call('HMGET', key, 'pauses', 'until')
  local pauses, closed_until = tonumber(f[1] or '0'), tonumber(f[2] or '0')
  local is_enough = most_fail(key, 'failed', 'ok', 'window', enough, window)
  if pauses > 0 then
    -- Who was sent before the pause tells nothing new.
    local probe = closed_until ~= -1 and closed_until <= now and leased_after == pauses
    if not probe then return 'not_counted' end
  elseif not is_enough then
    return nil
  end
  close(kind, now + math.min(longest, first * 2 ^ math.min(pauses, 30)), 'circuit_open')
  return 'opened'
end

-- Calls were answered. The circuit's window counts them; a probe's success lets the kind send as before.
local function provider_answered(kind, count, pauses_seen)
  local key = limiter_key(kind)
  local f = redis.call('HMGET', key, 'failed', 'pauses', 'until', 'unusable')
  -- Who is told to wait compares it with what it was then.
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

-- A job was given out and nothing was sent for it: the day's count does not have it. Where its slot (us, or 0) is the
-- last that was given, its rate has it again; one before others is lost, since they keep their distance from it.
local function give_back(kind, given_out, slot)
  for _, scope in ipairs({ kind, 'account' }) do
    local key = limiter_key(scope)
    local f = redis.call('HMGET', key, 'day_from', 'used', 'next', 'rate', 'period', 'margin')
    if given_out >= tonumber(f[1] or '0') and tonumber(f[2] or '0') > 0 then redis.call('HINCRBY', key, 'used', -1) end
    -- Both are written in whole microseconds.
    if slot > 0 and f[4] and math.abs(tonumber(f[3] or '0') - slot - interval_of(f[4], f[5], f[6])) <= 2 then
      redis.call('HSET', key, 'next', whole(slot))
    end
  end
end
