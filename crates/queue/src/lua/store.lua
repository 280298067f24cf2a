-- Counts stored images. Kinds that were closed because the blob store failed open again.
local function store_succeeded(count)
  local key = limiter_key('blobs')
  local f = redis.call('HMGET', key, 'failed', 'kinds')
  if not f[1] then return end
  redis.call('HINCRBY', key, 'ok', count)
  if not f[2] then return end
  redis.call('DEL', key)
  for kind in string.gmatch(f[2], '%S+') do
    if redis.call('HGET', limiter_key(kind), 'reason') == 'blob_store' then
      redis.call('HDEL', limiter_key(kind), 'until', 'reason', 'pauses', 'probe')
      redis.call('PUBLISH', P .. 'wake', kind)
    end
  end
end

-- A completion whose lease is lost. It counts if the job has not ended, no worker has it, and no worker has called for it
-- since: the one additional call is its own, counted when its worker was lost. Returns the header and the progress of the job
-- if it counts.
local function comes_late(id, calls_then)
  local f = redis.call('HMGET', job_key(id), 'header', 'progress')
  local header, progress = header_of(f[1]), progress_of(f[2])
  if not header or progress.state or progress.calls ~= calls_then or lease_holder(id) then return nil end
  return header, progress
end

-- Returns the progress of a late completion, with the job's history since.
local function late_progress(text, known)
  local progress = read_json(text)
  local history = known.history or {}
  table.insert(history, progress.history[#progress.history])
  if #history > 40 then table.remove(history, 1) end
  progress.history, progress.stalls = history, known.stalls
  return cjson.encode(progress)
end
