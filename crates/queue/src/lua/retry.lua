-- Gives jobs another life: dead ones begin anew, those that wait for a time begin now, those that wait for a person are
-- called again. What they have cost so far stays with them.
-- ARGV 1 where they must stand: 'dead', 'scheduled', 'asking', or '' for any of these, 2.. ids     Answers how many
local count, place = 0, ARGV[1]
local function leaves(set, id) return (place == '' or place == set) and redis.call('ZREM', P .. set, id) == 1 end
for nth = 2, #ARGV do
  local id = ARGV[nth]
  local f = redis.call('HMGET', job_key(id), 'label', 'story')
  local label = label_of(f[1])
  local story = story_of(f[2])
  local dead = label and leaves('dead', id)
  if dead then
    story.attempts, story.stalls, story.suspect, story.deferred, story.apart = 0, 0, nil, nil, nil
    story.state, story.code, story.sentence, story.by = nil, nil, nil, nil
    redis.call('HSET', job_key(id), 'story', cjson.encode(story))
    local index = label.idempotency and P .. 'idempotency:' .. label.idempotency
    if index and string.match(redis.call('GET', index) or '', '^(%w+) ') == id then redis.call('PERSIST', index) end
    if label.deadline and label.deadline > now then redis.call('ZADD', P .. 'deadlines', label.deadline, id) end
  end
  if dead or label and (leaves('scheduled', id) or leaves('asking', id)) then
    make_ready(id, label, story, false)
    count = count + 1
  end
end
return count
