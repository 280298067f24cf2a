-- The lines in which jobs wait: for each kind one by priority, and one of suspects. A line is a sorted set of ids by
-- turn. A job's turn is one behind the last of its tenant, and never before the turn that is being taken: so tenants
-- alternate, however many jobs one of them has.
local lines = {}
local function line_of(kind, list)
  local name = kind .. ':' .. list
  if not lines[name] then
    lines[name] = { kind = kind, key = P .. 'line:' .. name, turns = P .. 'turns:' .. name, last = {}, joining = {} }
  end
  return lines[name]
end

-- Puts a job into its line, as the next of its tenant, or in front of all when it had been taken before.
local function join(id, kind, list, tenant, in_front)
  local line = line_of(kind, list)
  -- The turn that is being taken. Whoever stands in front of all stands half a turn before it.
  line.turn = line.turn or math.ceil(tonumber(redis.call('ZRANGE', line.key, 0, 0, 'WITHSCORES')[2] or '0'))
  local turn = line.turn - 0.5
  if not in_front then
    turn = math.max(line.turn, line.last[tenant] or tonumber(redis.call('HGET', line.turns, tenant) or '0'))
    line.last[tenant] = turn + 1
  end
  table.insert(line.joining, turn)
  table.insert(line.joining, id)
end

-- What joined goes into Redis. Workers sleep only after they found the line empty, so only its first jobs wake them.
local function write_lines()
  for _, line in pairs(lines) do
    local joining, last = line.joining, {}
    for i = 1, #joining, 400 do
      redis.call('ZADD', line.key, unpack(joining, i, math.min(i + 399, #joining)))
    end
    for tenant, turn in pairs(line.last) do
      table.insert(last, tenant)
      table.insert(last, turn)
    end
    for i = 1, #last, 400 do redis.call('HSET', line.turns, unpack(last, i, math.min(i + 399, #last))) end
    if #joining > 0 and redis.call('ZCARD', line.key) * 2 == #joining then
      redis.call('PUBLISH', P .. 'wake', line.kind)
    end
  end
  lines = {}
end

-- Takes jobs out of the head of a line.
local function take_from(kind, list, count)
  local line = line_of(kind, list)
  local popped, ids = redis.call('ZPOPMIN', line.key, count), {}
  for i = 1, #popped, 2 do table.insert(ids, popped[i]) end
  if list == 'suspect' and #ids > 0 then redis.call('SREM', P .. 'suspects', unpack(ids)) end
  -- With an empty line all turns begin anew.
  if #ids < count or redis.call('EXISTS', line.key) == 0 then redis.call('UNLINK', line.turns) end
  return ids
end

-- Takes one job out of a line, if it stands there.
local function leave_own_line(id, label, list)
  write_lines() -- it may have joined in this very call
  local line = line_of(label.kind, list)
  if redis.call('ZREM', line.key, id) == 0 then return false end
  -- Its turn goes to the next job of its tenant, which would otherwise wait for turns that nobody takes.
  if redis.call('EXISTS', line.key) == 0 then
    redis.call('UNLINK', line.turns)
  else
    redis.call('HINCRBY', line.turns, label.tenant, -1)
  end
  return true
end

-- A suspect may have ended, and the next one may begin.
local function wake_for_suspects()
  if redis.call('EXISTS', P .. 'suspects') == 1 then redis.call('PUBLISH', P .. 'wake', 'suspect') end
end

-- Sets a job apart whose call may have been billed without an answer: it is not called again until a person says so. Those
-- of this script are told to whoever called it: id, kind, …
local asked = {}
local function ask_about(id, kind)
  table.insert(asked, id)
  table.insert(asked, kind)
  redis.call('ZADD', P .. 'asking', now_text, id)
  tally('asked ' .. kind)
end

-- The last step of every script.
local function write_down()
  write_lines()
  write_flights()
  write_tallies()
end
