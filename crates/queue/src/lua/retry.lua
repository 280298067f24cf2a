-- Gives jobs another life: dead ones begin anew, those that wait for a time begin now. What they have
-- cost so far stays with them.
-- ARGV ids     Answers how many
local count = 0
for _, id in ipairs(ARGV) do
  local f = redis.call('HMGET', job_key(id), 'label', 'story')
  local label = label_of(f[1])
  local story = story_of(f[2])
  local dead = label and redis.call('ZREM', P .. 'dead', id) == 1
  if dead then
    story.attempts, story.stalls, story.suspect = 0, 0, nil
    story.state, story.code, story.sentence, story.by = nil, nil, nil, nil
    redis.call('HSET', job_key(id), 'story', cjson.encode(story))
    local index = label.idempotency and P .. 'idempotency:' .. label.idempotency
    if index and string.match(redis.call('GET', index) or '', '^(%w+) ') == id then redis.call('PERSIST', index) end
    if label.deadline and label.deadline > now then redis.call('ZADD', P .. 'deadlines', label.deadline, id) end
  end
  if dead or label and redis.call('ZREM', P .. 'scheduled', id) == 1 then
    make_ready(id, label, story, false)
    count = count + 1
  end
end
return count
