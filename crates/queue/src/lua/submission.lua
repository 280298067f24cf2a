-- Adds a sealed job to the inbox under an id that the caller has made, once for each idempotency key. Returns 'new', 'existing' or
-- 'conflict', and the id of the job.
local function submit(stream, id, index, digest, remember_ms, about, public_key, record, sealed)
  local remembered = P .. 'submitted:' .. index
  local known = index ~= '' and redis.call('GET', remembered)
  local known_id, known_digest = string.match(known or '', '^(%w+) (%w+)$')
  -- The key can outlive its job, and then it names none.
  if known_id and redis.call('EXISTS', submission_key(known_id), job_key(known_id)) == 0 then known_id = nil end
  if known_id then return known_digest == digest and 'existing' or 'conflict', known_id end
  -- The entry comes first. If the script stops after it, the job is accepted under an id that the caller was not told.
  local entry = redis.call('XADD', P .. stream, '*', 'id', id, 'key', public_key, 'record', record, 'sealed', sealed)
  redis.call('HSET', submission_key(id), 'about', about, 'at', now_text, 'stream', stream, 'entry', entry)
  if index ~= '' then redis.call('SET', remembered, id .. ' ' .. digest, 'PX', remember_ms) end
  return 'new', id
end
