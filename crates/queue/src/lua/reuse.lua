-- Answers that are there already.

-- By id: the verification whose answer does for a job, its sealed outcome, and its key record.
local answers = {}

-- Whether the answer that a job waited for is there. If not, it waits anew, or asks itself.
local function find_cached(id)
  local f = redis.call('HMGET', job_key(id), 'header', 'progress')
  local header, progress = header_of(f[1]), progress_of(f[2])
  if not header then return f[1] end -- it dies as one that cannot be read
  if progress.answer == 'ready' then
    -- Its own, from a call that was made before.
    local kept = redis.call('HGET', job_key(id), 'answer')
    answers[id] = kept and { id, kept, '' }
    if kept then return true end
    progress.answer = nil
    redis.call('HSET', job_key(id), 'progress', cjson.encode(progress))
  elseif not header.coalescing then
    make_ready(id, header, progress, false)
    return false
  end
  local from = header.coalescing and answer_for(header)
  local other = from and redis.call('HMGET', job_key(from), 'outcome', 'key') or {}
  if other[1] then
    answers[id] = { from, other[1], other[2] or '' }
    return true
  end
  if from then redis.call('DEL', answer_key(header.coalescing.index)) end -- it was discarded
  make_ready(id, header, progress, false)
  return false
end
