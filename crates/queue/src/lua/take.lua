-- Takes entries of the inbox for a worker, and rejects those that are too large to be sent to it.
--
-- Arguments: stream of the inbox; consumer; where to begin: an id for entries that this consumer has read before, '>' for new entries, '-' for
-- entries that its pod left behind; how many new entries at most (of the others it is one, since each reading is counted); when
-- an entry counts as left behind (ms); bytes of an entry at most; fields at most; '1' if the consumer has lived on since it
-- read the entries that it reads again; rejected entries that are retained at most.
-- Returns { how many were rejected here, the last id that was read or '', in how many milliseconds the tenant's rate of acceptance
-- allows another one, { id, { field, value, … }, how often it was delivered }, … }.
local stream, consumer, from, at_most, left_behind_ms, bytes_at_most, fields_at_most, lives_on, keep_rejected = unpack(ARGV, 1, 9)
local inbox, GROUP = P .. stream, 'pods'
bytes_at_most, fields_at_most = tonumber(bytes_at_most), tonumber(fields_at_most)
local refused, seen, answer, bytes_in_all = 0, '', {}, 0

-- One at a time, since the first may use all available memory.
local function next_entry()
  if from == '-' then
    return redis.call('XAUTOCLAIM', inbox, GROUP, consumer, left_behind_ms, '0-0', 'COUNT', 1)[2][1]
  end
  local reply = redis.call('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', 1, 'STREAMS', inbox, from)
  return reply and reply[1][2][1]
end

-- If it stops before the entry is removed, its repetition adds a second rejected entry.
local function refuse(id, problem, remedy, size)
  redis.call('XADD', P .. 'inbox:rejected', 'MAXLEN', '~', keep_rejected, '*', 'stream', stream, 'entry', id, 'field', 'job',
    'problem', problem, 'remedy', remedy, 'faults', 'job ' .. problem .. ': ' .. remedy, 'bytes', size)
  remove_entry(stream, id)
  refused = refused + 1
end

-- Returns how often an entry was delivered to a consumer that did not live to report. A consumer that reads its own entries
-- again was not brought down by them.
local function given(id)
  if from == '>' then return 1 end
  if from ~= '-' and lives_on == '1' then
    redis.call('XCLAIM', inbox, GROUP, consumer, 0, id, 'RETRYCOUNT', 1, 'JUSTID')
    return 1
  end
  local pending = redis.call('XPENDING', inbox, GROUP, id, id, 1)[1]
  return pending and pending[4] or 1
end

-- The tenant's rate of acceptance: new entries are read no faster by the whole fleet. `next` (us) is the time that it has reached.
local pace = from == '>' and redis.call('HMGET', acceptance_key(stream), 'calls', 'period', 'burst', 'next') or {}
local interval = pace[1] and pace[2] * 1000 / pace[1]
local slack, next_us = interval and (pace[3] - 1) * interval, tonumber(pace[4] or '0')
-- The clock was set back: the rate begins anew.
if interval and next_us > now_us + slack + interval + STEP * 1000 then next_us = now_us end
local function wait_us() return interval and math.max(0, next_us - slack - now_us) or 0 end

local function size_of(fields)
  local size = 0
  for _, text in ipairs(fields) do size = size + #text end
  return size
end

for _ = 1, from == '>' and tonumber(at_most) or 1 do
  local entry = wait_us() == 0 and next_entry()
  if not entry then break end
  local id, fields = entry[1], entry[2]
  if interval then
    next_us = math.max(next_us, now_us) + interval
    redis.call('HSET', acceptance_key(stream), 'next', whole(next_us))
  end
  seen = id
  if not fields or #fields == 0 then
    -- Its producer trimmed it from the stream while a pod had it, or a script stopped amid its removal.
    remove_entry(stream, id)
  else
    local size = size_of(fields)
    if size > bytes_at_most then
      refuse(id, 'is larger than 64 KiB (' .. size .. ' bytes)', 'send what the README names, and no images', size)
    elseif #fields / 2 > fields_at_most then
      refuse(id, 'came with ' .. #fields / 2 .. ' fields', 'add the entry with the field job alone', size)
    else
      table.insert(answer, { id, fields, given(id) })
      bytes_in_all = bytes_in_all + size
      if bytes_in_all > bytes_at_most * 4 then break end
    end
  end
end
table.insert(answer, 1, math.ceil(wait_us() / 1000))
table.insert(answer, 1, seen)
table.insert(answer, 1, refused)
return answer
