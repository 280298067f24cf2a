-- Images were stored: kinds that wait for the blob store send again.
local function store_answered(count)
  local key = gate_key('blobs')
  local f = redis.call('HMGET', key, 'failed', 'kinds')
  if not f[1] then return end
  redis.call('HINCRBY', key, 'ok', count)
  if not f[2] then return end
  redis.call('DEL', key)
  for kind in string.gmatch(f[2], '%S+') do
    if redis.call('HGET', gate_key(kind), 'reason') == 'blob_store' then
      redis.call('HDEL', gate_key(kind), 'until', 'reason', 'pauses', 'probe')
      redis.call('PUBLISH', P .. 'wake', kind)
    end
  end
end

-- A completion under a lease that has gone: it counts when the job has not ended, nobody has it, and nobody called for it
-- since: the one call more is its own, counted when its worker was lost. Answers what is known of the job then.
local function comes_late(id, calls_then)
  local f = redis.call('HMGET', job_key(id), 'label', 'story')
  local label, story = label_of(f[1]), story_of(f[2])
  if not label or story.state or story.calls ~= calls_then or holder(id) then return nil end
  return label, story
end

-- The story of a late completion, with what happened to the job meanwhile.
local function late_story(text, known)
  local story = read_json(text)
  local history = known.history or {}
  table.insert(history, story.history[#story.history])
  if #history > 40 then table.remove(history, 1) end
  story.history, story.stalls = history, known.stalls
  return cjson.encode(story)
end
