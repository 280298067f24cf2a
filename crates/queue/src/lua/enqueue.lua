-- Accepts jobs, each by itself.
--
-- Arguments: the text of the caller's index keys; the stream of the inbox, or ''; then sixteen for each job: id, kind, priority, tenant, header, key
-- record, sealed request, not before (ms) or 0, deadline (ms) or 0, index of the idempotency key or '', digest of the body, index of the
-- reference or '', '1' with a coalescing key, entry of the inbox or '', index and digest by each older index key or '', indexes of its
-- numbers.
-- Returns for each job 'new', 'existing', 'conflict' or 'gone', and the id. Returns 'stranger' alone, and accepts nothing, if
-- Redis holds other index keys: one was made or dropped since the caller read them, or Redis was emptied, or restored to an older
-- state.
local state, stream = unpack(ARGV, 1, 2)
if redis.call('GET', P .. 'index-id') ~= state then return { 'stranger', '' } end
local answers = {}
local function answer(verb, id)
  table.insert(answers, verb)
  table.insert(answers, id)
end

for i = 3, #ARGV, 16 do
  local id, kind, priority, tenant, header, key, sealed, not_before, deadline, index, digest, reference, has_coalescing_key,
    entry, older, persons = unpack(ARGV, i, i + 15)
  local known = index ~= '' and redis.call('GET', P .. 'idempotency:' .. index)
  local known_id, known_digest = string.match(known or '', '^(%w+) (%w+)$')
  -- A key can outlive its job, and then it names none.
  if known_id and redis.call('EXISTS', job_key(known_id)) == 0 then known_id = nil end
  -- It may have been accepted under an older index key.
  for older_index, older_digest in string.gmatch(older, '(%w+) (%w+)') do
    local then_known = not known_id and redis.call('GET', P .. 'idempotency:' .. older_index)
    local then_id, then_digest = string.match(then_known or '', '^(%w+) (%w+)$')
    if then_id and redis.call('EXISTS', job_key(then_id)) == 1 then
      known_id, known_digest, digest = then_id, then_digest, older_digest
    end
  end
  if known_id and known_digest ~= digest then
    answer('conflict', known_id)
  elseif entry ~= '' and redis.call('XDEL', P .. stream, entry) == 0 then
    -- Taking the entry off the inbox and accepting the job are one step: no crash lies between them, and of two
    -- pods with the same entry one comes too late.
    answer('gone', '')
  else
    if entry ~= '' then redis.call('XACK', P .. stream, 'pods', entry) end
    if known_id then
      answer('existing', known_id)
    else
      header = '{"enqueued":' .. now_text .. ',' .. string.sub(header, 2)
      -- Before the job: what names a job that never came to be does no harm.
      if persons ~= '' then redis.call('HSET', P .. 'persons', id, persons) end
      for person in string.gmatch(persons, '%w+') do redis.call('SADD', person_key(person), id) end
      redis.call('HSET', job_key(id), 'header', header, 'key', key, 'request', sealed)
      if index ~= '' then redis.call('SET', P .. 'idempotency:' .. index, id .. ' ' .. digest) end
      if reference ~= '' then redis.call('ZADD', P .. 'reference:' .. reference, now_text, id) end
      if deadline ~= '0' then redis.call('ZADD', P .. 'deadlines', deadline, id) end
      if tonumber(not_before) > now then
        redis.call('ZADD', P .. 'scheduled', not_before, id)
        -- Sleepers know of an earlier time, or learn of this one.
        if redis.call('ZRANGE', P .. 'scheduled', 0, 0)[1] == id then redis.call('PUBLISH', P .. 'wake', kind) end
      elseif has_coalescing_key ~= '1' or not coalesce(id, read_json(header), false) then
        join(id, kind, priority, tenant, false)
      end
      tally('accepted ' .. kind)
      answer('new', id)
    end
  end
end
return answers
