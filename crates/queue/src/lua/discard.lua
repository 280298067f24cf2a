-- Deletes jobs that have ended, with everything that points to them and their entries in the results streams.
--
-- Arguments: the place in which they must be, or ''; when they must have been there (ms), or 0; then ids.
-- Returns how many jobs were deleted.

-- An entry has the time at which its job ended, or one within so many milliseconds (see `remember_result`).
local PAGE = 512
local function unpublish(stream, id, at)
  local from, to = whole(at), whole(at + SOON)
  repeat
    local entries = redis.call('XRANGE', stream, from, to, 'COUNT', PAGE)
    for _, entry in ipairs(entries) do
      local result = entry[2][2] or ''
      -- A reference may contain the id of another job.
      if string.find(result, id, 1, true) and read_json(result).id == id then
        redis.call('XDEL', stream, entry[1])
        return
      end
    end
    from = #entries == PAGE and '(' .. entries[PAGE][1]
  until not from
end

local count, place, by = 0, ARGV[1], bounded(ARGV[2])
for nth = 3, #ARGV do
  local id = ARGV[nth]
  local f = redis.call('HMGET', job_key(id), 'header', 'progress', 'results')
  local progress = read_json(f[2])
  local state = progress.state
  local ended = state and tonumber(redis.call('ZSCORE', P .. state, id))
  local is_meant = ended and (place == '' or place == state) and came_by(state, ended, by)
  if is_meant then
    local header = header_of(f[1]) or {}
    if header.idempotency then forget_idempotency(id, header.idempotency) end
    if header.reference_index then redis.call('ZREM', P .. 'reference:' .. header.reference_index, id) end
    for at in string.gmatch(whole(ended) .. ' ' .. (f[3] or ''), '%d+') do
      unpublish(P .. 'results', id, tonumber(at))
      if header.tenant then unpublish(P .. 'results:' .. header.tenant, id, tonumber(at)) end
    end
    forget_persons(id)
    redis.call('ZREM', P .. 'retained', id)
    -- Last, so that a repetition finds the job and what points to it.
    redis.call('UNLINK', job_key(id))
    redis.call('ZREM', P .. state, id)
    count = count + 1
  elseif not f[1] and not f[2] then
    -- An earlier try may have stopped just before its end.
    for _, set in ipairs({ 'completed', 'dead', 'cancelled' }) do count = count + redis.call('ZREM', P .. set, id) end
  end
end
return count
