-- Accepts jobs, each by itself.
--
-- Arguments: the text of the caller's index keys; the stream of the inbox, or ''; '1' if the job was submitted under its id; how long
-- it is known what became of a submitted job that is not accepted under it (ms); then sixteen for each job: id, kind, priority, tenant, header, key
-- record, sealed request, not before (ms) or 0, deadline (ms) or 0, index of the idempotency key or '', digest of the body, index of the
-- reference or '', '1' with a coalescing key, entry of the inbox or '', index and digest by each older index key or '', indexes of its
-- numbers.
-- Returns for each job 'new', 'existing', 'conflict' or 'gone', and the id. Returns 'stranger' alone, and accepts nothing, if
-- Redis holds other index keys: one was made or dropped since the caller read them, or Redis was emptied, or restored to an older
-- state.
--
-- A job is accepted by the one write of its hash. What points to it is written before, and does no harm if the job never
-- comes: its idempotency key refuses nothing, and its id is dropped when its turn comes. The entry of the inbox is removed
-- afterwards. So wherever the script stops, a job is there as a whole or not at all.
local state, stream, is_submitted, keep_ms = unpack(ARGV, 1, 4)
if redis.call('GET', P .. 'index-id') ~= state then return { 'stranger', '' } end
local answers = {}
local function answer(verb, id)
  table.insert(answers, verb)
  table.insert(answers, id)
end

local coming = {} -- the jobs of this call whose hashes are written at its end
local function exists(id) return coming[id] or redis.call('EXISTS', job_key(id)) == 1 end

-- Returns the job that an earlier try accepted for an entry without an idempotency key, if that try stopped before it removed
-- the entry. Perhaps another worker made it, under another id.
local function accepted_before(entry, id)
  local field = stream .. ' ' .. entry
  if redis.call('HSETNX', P .. 'accepting', field, id) == 1 then return nil end
  local first = redis.call('HGET', P .. 'accepting', field)
  if exists(first) then return first end
  redis.call('HSET', P .. 'accepting', field, id)
end

for i = 5, #ARGV, 16 do
  local id, kind, priority, tenant, header, key, sealed, not_before, deadline, index, digest, reference, has_coalescing_key,
    entry, older, persons = unpack(ARGV, i, i + 15)
  local known = index ~= '' and redis.call('GET', P .. 'idempotency:' .. index)
  local known_id, known_digest = string.match(known or '', '^(%w+) (%w+)$')
  -- A key can outlive its job, or precede it, and then it names none.
  if known_id and not exists(known_id) then known_id = nil end
  -- It may have been accepted under an older index key.
  for older_index, older_digest in string.gmatch(older, '(%w+) (%w+)') do
    local then_known = not known_id and redis.call('GET', P .. 'idempotency:' .. older_index)
    local then_id, then_digest = string.match(then_known or '', '^(%w+) (%w+)$')
    if then_id and exists(then_id) then
      known_id, known_digest, digest = then_id, then_digest, older_digest
    end
  end
  if known_id and known_digest ~= digest then
    answer('conflict', known_id)
  elseif entry ~= '' and #redis.call('XRANGE', P .. stream, entry, entry) == 0 then
    -- Of two workers with the same entry one comes too late.
    remove_entry(stream, entry)
    answer('gone', '')
  else
    if is_submitted == '1' then
      -- An earlier try accepted it, and stopped before it removed the entry.
      if not known_id and exists(id) then known_id = id end
    elseif entry ~= '' and index == '' then
      known_id = accepted_before(entry, id)
    end
    if known_id then
      answer('existing', known_id)
    else
      header = '{"enqueued":' .. now_text .. ',' .. string.sub(header, 2)
      -- Before the job: what names a job that never came to be does no harm.
      if persons ~= '' then redis.call('HSET', P .. 'persons', id, persons) end
      for person in string.gmatch(persons, '%w+') do redis.call('SADD', person_key(person), id) end
      if index ~= '' then redis.call('SET', P .. 'idempotency:' .. index, id .. ' ' .. digest) end
      if reference ~= '' then redis.call('ZADD', P .. 'reference:' .. reference, now_text, id) end
      if deadline ~= '0' then redis.call('ZADD', P .. 'deadlines', deadline, id) end
      local is_later = tonumber(not_before) > now
      if not is_later and has_coalescing_key == '1' then
        -- Others may follow it at once, so it must be there before them. It is scheduled until it has its place.
        redis.call('ZADD', P .. 'scheduled', now_text, id)
        redis.call('HSET', job_key(id), 'header', header, 'key', key, 'request', sealed)
        make_ready(id, read_json(header), {}, false)
        later('ZREM', P .. 'scheduled', id)
      else
        if is_later then
          redis.call('ZADD', P .. 'scheduled', not_before, id)
          -- Sleepers know of an earlier time, or learn of this one.
          if redis.call('ZRANGE', P .. 'scheduled', 0, 0)[1] == id then redis.call('PUBLISH', P .. 'wake', kind) end
        else
          join(id, kind, priority, tenant, false)
        end
        coming[id] = true
        later('HSET', job_key(id), 'header', header, 'key', key, 'request', sealed)
      end
      tally('accepted ' .. kind)
      answer('new', id)
    end
    if is_submitted == '1' and is_submitted_as(id, stream, entry) then
      if known_id and known_id ~= id then
        note_submission(id, 'existing', known_id, keep_ms)
      else
        later('DEL', submission_key(id))
      end
    end
    if entry ~= '' then remove_entry(stream, entry) end
  end
end
return answers
