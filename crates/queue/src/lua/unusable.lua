-- Unusable answers, and jobs that the provider treats differently from others of their kind.

-- Counts an answer that could not be read, or was about somebody else. When most answers of a window are like this, the kind is
-- parked until a person resumes it, since further calls would only cost money. Returns whether it was parked.
local function unusable_answer(kind, reason, leased_after, enough, window)
  if enough == 0 then return false end
  local key = limiter_key(kind)
  local f = redis.call('HMGET', key, 'pauses', 'unusable_parked')
  local is_probe = f[2] and leased_after > 0 and leased_after == tonumber(f[1] or '0')
  if not most_fail(key, 'unusable', 'unusable_ok', 'unusable_window', enough, window) and not is_probe then return false end
  redis.call('HSET', key, 'unusable_parked', 1)
  close(kind, -1, reason)
  return true
end

-- The longest wait of an isolated job (ms), up to which its waits grow.
local LONGEST_ISOLATION = 3600000

-- An answer asked the whole kind to stop: there were too many calls, the key is refused, or the wallet is empty. A provider may
-- answer so for one subject only. Returns whether the trouble is the job's own: it got such an answer before, and other jobs
-- were answered since a job of its kind was last deferred. Otherwise the job is deferred, so that other jobs are tried first.
local function is_its_own(kind, progress)
  local f = redis.call('HMGET', limiter_key(kind), 'well', 'deferred_at')
  local well = tonumber(f[1] or '0')
  if progress.deferred then return well > tonumber(f[2] or '0') end
  redis.call('HSET', limiter_key(kind), 'deferred_at', well)
  progress.deferred = true
  return false
end

-- Counts a failure of the blob store; the answer of the job is retained. When most attempts fail, kinds with images are closed,
-- since their images could not be stored. Jobs with retained answers try the store meanwhile: each failure prolongs the pause,
-- and the first success ends it. Returns whether the pause began.
local STORE = 'blobs'
local function store_failed(delay, enough, window, kinds)
  if enough == 0 then return false end
  local key = limiter_key(STORE)
  local was_closed = redis.call('HEXISTS', key, 'kinds') == 1
  if not most_fail(key, 'failed', 'ok', 'window', enough, window) and not was_closed then return false end
  redis.call('HSET', key, 'kinds', table.concat(kinds, ' '))
  -- Longer than the time until the job tries again.
  for _, kind in ipairs(kinds) do close(kind, now + 2 * delay + 15000, 'blob_store') end
  return not was_closed
end
