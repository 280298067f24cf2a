-- Accepts jobs, each by itself.
--
-- Arguments: the fingerprint of the caller's index key; the stream of the inbox, or ''; then fourteen for each job: id, kind, priority, tenant, header, key
-- record, sealed request, not before (ms) or 0, deadline (ms) or 0, index of the idempotency key or '', digest of the body, index of the
-- reference or '', '1' with a coalescing key, entry of the inbox or ''.
-- Returns for each job 'new', 'existing', 'conflict' or 'gone', and the id. Returns 'stranger' alone, and accepts nothing, if
-- Redis holds another index key: it was emptied since the caller connected, or restored to an older state.
local fingerprint, stream = unpack(ARGV, 1, 2)
if redis.call('GET', P .. 'index-id') ~= fingerprint then return { 'stranger', '' } end
-- The first write for an entry of the inbox takes it off, which a full Redis allows, and after it any other. This one, which
-- changes nothing, is refused, and then the entry stays where it is.
if stream ~= '' then redis.call('SET', P .. 'index-id', fingerprint) end
local answers = {}
local function answer(verb, id)
  table.insert(answers, verb)
  table.insert(answers, id)
end

for i = 3, #ARGV, 14 do
  local id, kind, priority, tenant, header, key, sealed, not_before, deadline, index, digest, reference, has_coalescing_key,
    entry = unpack(ARGV, i, i + 13)
  local known = index ~= '' and redis.call('GET', P .. 'idempotency:' .. index)
  local known_id, known_digest = string.match(known or '', '^(%w+) (%w+)$')
  -- A key can outlive its job, and then it names none.
  if known_id and redis.call('EXISTS', job_key(known_id)) == 0 then known_id = nil end
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
