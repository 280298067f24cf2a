-- Lets dead jobs be assessed by the answers that are kept with them, without a call.
-- ARGV ids     Answers how many
local count = 0
for _, id in ipairs(ARGV) do
  local f = redis.call('HMGET', job_key(id), 'label', 'story')
  local label, story = label_of(f[1]), story_of(f[2])
  local is_kept = label and story.state == 'dead' and redis.call('HEXISTS', job_key(id), 'answer') == 1
  if is_kept and redis.call('ZREM', P .. 'dead', id) == 1 then
    story.state, story.answer, story.by = nil, 'ready', nil
    redis.call('HSET', job_key(id), 'story', cjson.encode(story), 'told', 1)
    local index = label.idempotency and P .. 'idempotency:' .. label.idempotency
    if index and string.match(redis.call('GET', index) or '', '^(%w+) ') == id then redis.call('PERSIST', index) end
    make_ready(id, label, story, false)
    count = count + 1
  end
end
return count
