-- Takes entries of the inbox for a worker, and refuses here what is too large to travel, or cannot be taken.
-- ARGV 1 consumer, 2 where to begin: an id for what this consumer has read before, '>' for what nobody has, '-' for what its
--      pod left behind, 3 how many at most, 4 when an entry counts as left behind (ms), 5 bytes of an entry at most, 6 fields
--      at most, 7 how often an entry is given out at most, 8 rejected entries that are kept at most
-- Answers { how many were refused here, the last id that was looked at or '', { id, { field, value, … } }, … }
local consumer, from, most, left_behind, bytes_at_most, fields_at_most, given_at_most = unpack(ARGV, 1, 7)
local inbox, GROUP = P .. 'inbox', 'pods'
bytes_at_most, fields_at_most, given_at_most = tonumber(bytes_at_most), tonumber(fields_at_most), tonumber(given_at_most)
local refused, seen, answer, bytes_in_all = 0, '', {}, 0

-- One at a time: the first may be all that fits into memory.
local function next_entry()
  if from == '-' then
    return redis.call('XAUTOCLAIM', inbox, GROUP, consumer, left_behind, '0-0', 'COUNT', 1)[2][1]
  end
  local reply = redis.call('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', 1, 'STREAMS', inbox, from)
  return reply and reply[1][2][1]
end

local function refuse(id, problem, remedy, size)
  redis.call('XADD', P .. 'inbox:rejected', 'MAXLEN', '~', ARGV[8], '*', 'entry', id, 'field', 'job', 'problem', problem,
    'remedy', remedy, 'faults', 'job ' .. problem .. ': ' .. remedy, 'bytes', size)
  redis.call('XDEL', inbox, id)
  redis.call('XACK', inbox, GROUP, id)
  refused = refused + 1
end

local function size_of(fields)
  local size = 0
  for _, text in ipairs(fields) do size = size + #text end
  return size
end

for _ = 1, tonumber(most) do
  local entry = next_entry()
  if not entry then break end
  local id, fields = entry[1], entry[2]
  seen = id
  if from ~= '>' and from ~= '-' then from = id end
  if not fields or #fields == 0 then
    -- Its producer cut it off while a pod had it.
    redis.call('XACK', inbox, GROUP, id)
  else
    local size = size_of(fields)
    local given = from ~= '>' and redis.call('XPENDING', inbox, GROUP, id, id, 1)[1]
    if size > bytes_at_most then
      refuse(id, 'is larger than 64 KiB (' .. size .. ' bytes)', 'send what the README names, and no images', size)
    elseif #fields / 2 > fields_at_most then
      refuse(id, 'came with ' .. #fields / 2 .. ' fields', 'add the entry with the field job alone', size)
    elseif given and given[4] > given_at_most then
      refuse(id, 'was taken ' .. given[4] .. ' times and never accepted', 'look at the logs of the workers, and send it again', size)
    else
      table.insert(answer, { id, fields })
      bytes_in_all = bytes_in_all + size
      if bytes_in_all > bytes_at_most * 4 then break end
    end
  end
end
table.insert(answer, 1, seen)
table.insert(answer, 1, refused)
return answer
