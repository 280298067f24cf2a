-- Puts other blind indexes of its numbers in the place of those that a job has.
--
-- Arguments: the text of the caller's index keys; then for each job its id, the indexes that the caller read, or '', and the
-- new ones.
-- Returns the ids of jobs that have other indexes than the caller read. Returns 'stranger' alone if Redis holds other index keys.
local state = ARGV[1]
if redis.call('GET', P .. 'index-id') ~= state then return { 'stranger' } end
local changed = {}
for i = 2, #ARGV, 3 do
  local id, known, new = unpack(ARGV, i, i + 2)
  if redis.call('EXISTS', job_key(id)) == 0 then
    -- It was deleted meanwhile, with its indexes.
  elseif (redis.call('HGET', P .. 'persons', id) or '') ~= known then
    table.insert(changed, id)
  else
    for index in string.gmatch(new, '%w+') do redis.call('SADD', person_key(index), id) end
    for index in string.gmatch(known, '%w+') do
      if not string.find(new, index, 1, true) then redis.call('SREM', person_key(index), id) end
    end
    redis.call('HSET', P .. 'persons', id, new)
  end
end
return changed
