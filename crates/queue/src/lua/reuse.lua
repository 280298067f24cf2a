-- Answers that are there already.

-- By id: the verification whose answer does for a job, and its sealed outcome.
local answers = {}

-- Whether the answer that a job waited for is there. If not, it waits anew, or asks itself.
local function find_answer(id)
  local f = redis.call('HMGET', job_key(id), 'label', 'story')
  local label, story = label_of(f[1]), story_of(f[2])
  if not label then return f[1] end -- it dies as one that cannot be read
  if story.answer == 'ready' then
    -- Its own, from a call that was made before.
    local kept = redis.call('HGET', job_key(id), 'answer')
    answers[id] = kept and { id, kept }
    if kept then return true end
    story.answer = nil
    redis.call('HSET', job_key(id), 'story', cjson.encode(story))
  elseif not label.question then
    make_ready(id, label, story, false)
    return false
  end
  local from = label.question and answer_for(label)
  local outcome = from and redis.call('HGET', job_key(from), 'outcome')
  if outcome then
    answers[id] = { from, outcome }
    return true
  end
  if from then redis.call('DEL', answer_key(label.question.index)) end -- it was discarded
  make_ready(id, label, story, false)
  return false
end
