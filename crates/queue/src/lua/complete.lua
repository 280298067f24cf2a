-- Ends jobs with their outcomes. Each is acknowledged, stored and published in one step, or not at all.
--
-- Arguments: session; retention of idempotency keys (ms); entries that the results stream keeps; '1' if
-- an earlier try may have been applied, in whole or in part; the text of the caller's index keys, or '' if no job has indexes by
-- them; then groups of jobs. A group has
-- their number, batch, kind, what they count as, calls of this attempt, pauses in a row of the kind when the leases were granted,
-- '1' with a record, '1' if images were stored; and eight values for each job: id, tenant, result to publish, its MAC, sealed
-- outcome, progress, indexes of the numbers of its record ('?' if the caller cannot make them), and '' or what few jobs have: index of the idempotency key or '-', '1' with a deadline, coalescing key or '-',
-- how long its answer may be reused (ms), '1' with a retained answer, when that answer came if the outcome rests on it, or 0.
-- Returns 'done', 'again' or 'lost' for each job. Returns 'stranger' alone, and ends nothing, if Redis holds other index keys.
local session, retention_ms, keep_results, is_again, state = unpack(ARGV, 1, 5)
if state ~= '' and redis.call('GET', P .. 'index-id') ~= state then return { 'stranger' } end
retention_ms, keep_results = bounded_text(retention_ms), bounded_text(keep_results)
is_again = is_again == '1'
local ids, keys, groups, places, rest, has_persons = {}, {}, {}, {}, {}, false
local at = 6
while ARGV[at] do
  local count, batch, kind, counts_as, calls, pauses, has_record, has_images = unpack(ARGV, at, at + 7)
  local group = { batch = batch, kind = kind, counts_as = counts_as, calls = tonumber(calls), pauses = pauses,
    has_record = has_record, has_images = has_images == '1', prefix = batch .. ' ' .. kind .. ' ',
    completed = 0, called = 0, late = 0, saved = 0 }
  at = at + 8
  for _ = 1, tonumber(count) do
    table.insert(ids, ARGV[at])
    table.insert(keys, job_key(ARGV[at]))
    table.insert(places, at)
    groups[#ids] = group
    has_persons = has_persons or ARGV[at + 6] ~= ''
    local more = ARGV[at + 7]
    if more ~= '' then
      rest[#ids] = { string.match(more, '^(%S+) (%d) (%S+) (%d+) (%d) (%d+)$') }
      if not rest[#ids][6] then error('the rest of a job cannot be read') end
    end
    at = at + 8
  end
end
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
local leases = redis.call('HMGET', leases_key(session), unpack(ids))
local all_there = redis.call('EXISTS', unpack(keys)) == #keys

-- The kind under which it holds a job with this batch; nil when it does not.
local function leased_as_of(value, group)
  if not value then return nil end
  if string.sub(value, 1, #group.prefix) == group.prefix then return group.kind end
  local batch, kind = read_lease(value)
  return batch == group.batch and kind or nil
end

local known_persons = has_persons and redis.call('HMGET', P .. 'persons', unpack(ids)) or {}
local answers, ended, done, asked, stored, all_persons, found = {}, {}, {}, {}, 0, {}, {}
for nth = 1, #ids do
  local group, at = groups[nth], places[nth]
  local id, tenant, result, mac, sealed, progress, persons, more = unpack(ARGV, at, at + 7)
  local leased_as, late_header = leased_as_of(leases[nth], group), nil
  local is_done = leased_as and (all_there or redis.call('EXISTS', keys[nth]) == 1)
  if not leased_as then
    -- Perhaps the same worker took it anew: then it stays with it.
    local why = end_lease(session, group.batch, id) or 'lost'
    local known
    if why == 'lost' then late_header, known = comes_late(id, read_json(progress).calls) end
    if late_header then
      progress, is_done = late_progress(progress, known), true
    elseif why == 'again' and is_again then
      -- If it came late, an earlier try may have stopped before it was among the completed, or before it left its place.
      local f = redis.call('HMGET', keys[nth], 'header', 'progress')
      late_header, progress = header_of(f[1]), f[2]
      is_done = late_header and read_json(progress).state == 'completed'
        and (not redis.call('ZSCORE', P .. 'completed', id) or leave_place(id, late_header))
    end
    if is_done then
      leased_as = group.calls == 0 and CACHED or group.kind
    else
      table.insert(answers, why)
    end
  elseif not is_done then
    release_lease(session, id)
    table.insert(answers, 'lost')
  else
    table.insert(done, id)
  end
  if is_done then
    redis.call('HSET', keys[nth], 'progress', progress, 'outcome', sealed)
    local index, deadline, coalescing_key, window, has_retained, retained_since = '-', '0', '-', '0', '0', '0'
    if more ~= '' then
      index, deadline, coalescing_key, window, has_retained, retained_since = unpack(rest[nth], 1, 6)
    end
    if index ~= '-' then redis.call('PEXPIRE', P .. 'idempotency:' .. index, retention_ms) end
    if deadline == '1' then redis.call('ZREM', P .. 'deadlines', id) end
    local is_reused = leased_as == CACHED and retained_since == '0'
    group.completed = group.completed + 1
    if is_reused then
      group.saved = group.saved + 1
    elseif leased_as ~= CACHED and late_header then
      group.late = group.late + 1 -- its call was counted when its worker was lost
    elseif leased_as ~= CACHED then
      group.called = group.called + 1
    end
    if coalescing_key ~= '-' then
      local came = leased_as == CACHED and tonumber(retained_since) or now
      if not is_reused then answer_found(coalescing_key, id, came, group.has_record, tonumber(window)) end
      table.insert(asked, { id, coalescing_key, group.kind })
    end
    if has_retained == '1' then
      redis.call('HDEL', keys[nth], 'answer', 'published')
      redis.call('ZREM', P .. 'retained', id)
    end
    -- Last of what a repetition could not take back. It looks for the very same result.
    local entry = is_again and is_published('-', { result })
    if not entry then
      entry = redis.call('XADD', P .. 'results', '*', 'result', result, 'mac', mac)
      if has_own_results(tenant) then
        remember_if_elsewhere(id,
          redis.call('XADD', P .. 'results:' .. tenant, 'MAXLEN', '~', keep_results, '*', 'result', result, 'mac', mac))
      end
    end
    remember_if_elsewhere(id, entry)
    if late_header then
      redis.call('ZADD', P .. 'completed', now_text, id)
      leave_place(id, late_header)
    end
    if group.has_images then stored = stored + 1 end
    -- Its subject's number is indexed already, and most often in the record again.
    local all = persons ~= '' and known_persons[nth] or ''
    for index in string.gmatch(persons, '%S+') do
      if not string.find(all, index, 1, true) then
        all = all == '' and index or all .. ' ' .. index
        if index ~= '?' then table.insert(found, { person_key(index), id }) end
      end
    end
    if persons ~= '' then
      table.insert(all_persons, id)
      table.insert(all_persons, all)
    end
    table.insert(ended, now_text)
    table.insert(ended, id)
    table.insert(answers, 'done')
  end
end
if #all_persons > 0 then redis.call('HSET', P .. 'persons', unpack(all_persons)) end
for _, each in ipairs(found) do redis.call('SADD', unpack(each)) end
if #ended > 0 then
  redis.call('ZADD', P .. 'completed', unpack(ended))
  redis.call('XTRIM', P .. 'results', 'MAXLEN', '~', keep_results)
  redis.call('PUBLISH', P .. 'done', table.concat(ids, ' '))
end
if stored > 0 then store_succeeded(stored) end

-- By kind: successes, and of how many pauses in a row the last one saw the end.
local successes, pauses_seen, counted = {}, {}, {}
for nth = 1, #ids do
  local group = groups[nth]
  local kind, answered = group.kind, group.called + group.late
  if not counted[group] and group.completed > 0 then
    counted[group] = true
    tally(group.counts_as, group.completed)
    if group.saved > 0 then tally('saved ' .. kind, group.saved) end
    if group.called > 0 then
      count_in_flight(kind, -group.called)
      tally('calls ' .. kind, group.called * group.calls)
    end
    if answered > 0 then
      successes[kind] = (successes[kind] or 0) + answered
      if group.pauses ~= '0' then pauses_seen[kind] = group.pauses end
    end
  end
end
for _, each in ipairs(asked) do pass_on(unpack(each)) end
-- A repetition finds what is left to do by the lease.
if #done > 0 then redis.call('HDEL', leases_key(session), unpack(done)) end
for kind, count in pairs(successes) do provider_answered(kind, count, pauses_seen[kind]) end
wake_for_quarantined()
return answers
