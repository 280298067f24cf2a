-- Answers that are of no use although they came, and jobs that the provider treats unlike others of their kind.

-- An answer could not be read, or was about somebody else. When most answers of a window are so, their kind parks until a
-- person resumes it: to ask for more of them would be to pay for more of them. Answers whether it parked.
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

-- The longest wait of an isolated job (ms). Its waits grow up to it.
local LONGEST_ISOLATION = 3600000

-- An answer asks the whole kind to stop: there were too many calls, the key is refused, the wallet is empty. A provider can
-- say so of one subject. Where a job is told it again, and since a job was told so for the first time others were
-- answered, the trouble is its own. Else it brings its kind to a stop, and lets others try first.
local function is_its_own(kind, progress)
  local f = redis.call('HMGET', limiter_key(kind), 'well', 'deferred_at')
  local well = tonumber(f[1] or '0')
  if progress.deferred then return well > tonumber(f[2] or '0') end
  redis.call('HSET', limiter_key(kind), 'deferred_at', well)
  progress.deferred = true
  return false
end

-- The blob store failed, and the answer of the job is kept. When most do, kinds with images send nothing: what they would
-- bring could not be stored. As long as jobs wait with their answers, those try the store; each failure prolongs the pause,
-- and the first success ends it. Answers whether the pause began.
local STORE = 'blobs'
local function store_failed(delay, enough, window, kinds)
  if enough == 0 then return false end
  local key = limiter_key(STORE)
  local was_closed = redis.call('HEXISTS', key, 'kinds') == 1
  if not most_fail(key, 'failed', 'ok', 'window', enough, window) and not was_closed then return false end
  redis.call('HSET', key, 'kinds', table.concat(kinds, ' '))
  -- Longer than it takes until the job has tried again.
  for _, kind in ipairs(kinds) do close(kind, now + 2 * delay + 15000, 'blob_store') end
  return not was_closed
end
