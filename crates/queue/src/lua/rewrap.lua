-- Replaces key records of jobs. One that is not as it was read stays: it was replaced, or its job deleted, meanwhile.
--
-- Arguments: for each job its id, the record that was read, and the new one.
-- Returns how many were replaced.
local count = 0
for i = 1, #ARGV, 3 do
  local id, old, new = unpack(ARGV, i, i + 2)
  if redis.call('HGET', job_key(id), 'key') == old then
    redis.call('HSET', job_key(id), 'key', new)
    count = count + 1
  end
end
return count
