-- How jobs end.

-- Whether a tenant has a results stream of its own.
local own_results = {}
local function has_own_results(tenant)
  if own_results[tenant] == nil then own_results[tenant] = redis.call('SISMEMBER', P .. 'tenants', tenant) == 1 end
  return own_results[tenant]
end

-- Publishes the end of a job, also in the stream of its tenant's own results if the tenant has one.
local function publish(id, tenant, result, keep_results)
  remember_if_elsewhere(id, redis.call('XADD', P .. 'results', 'MAXLEN', '~', keep_results, '*', 'result', result))
  if has_own_results(tenant) then
    local entry = redis.call('XADD', P .. 'results:' .. tenant, 'MAXLEN', '~', keep_results, '*', 'result', result)
    remember_if_elsewhere(id, entry)
  end
end

-- Returns the entry of the newest result, from that time on ('-' for any), that contains all these texts. A script looks for its own
-- results when it is repeated. A text with its quotes does not occur within a value of the JSON, where quotes are escaped.
local LOOKED_THROUGH = 1000
local function is_published(from, texts)
  for _, entry in ipairs(redis.call('XREVRANGE', P .. 'results', '+', from, 'COUNT', LOOKED_THROUGH)) do
    local has_all = true
    for _, text in ipairs(texts) do has_all = has_all and string.find(entry[2][2] or '', text, 1, true) ~= nil end
    if has_all then return entry[1] end
  end
  return nil
end

-- Ends a job without an outcome, after its progress was written: adds it to its set, publishes its end, and starts the
-- retention of its idempotency key. The death of a job is published once, even if its retained answer is read again without
-- success. `again_from` is given if an earlier try may have stopped amid this: the time from which the end may have been
-- published, or '-'. `leave`, if there is one, removes the job from where it was.
local function finish(id, header, state, code, retention_ms, keep_results, again_from, leave)
  redis.call('ZADD', P .. state, now_text, id)
  local was_published = redis.call('HEXISTS', job_key(id), 'published') == 1
  local known = again_from and is_published(again_from, { '"id":"' .. id .. '"', '"state":"' .. state .. '"' })
  if known then
    remember_if_elsewhere(id, known)
  elseif state ~= 'dead' or not was_published then
    publish(id, header.tenant, cjson.encode({ id = id, kind = header.kind, tenant = header.tenant, reference = header.reference or '',
      state = state, verdict = '', reasons = { code } }), keep_results)
  end
  redis.call('PUBLISH', P .. 'done', id)
  if header.idempotency then redis.call('PEXPIRE', P .. 'idempotency:' .. header.idempotency, retention_ms) end
  if was_published then redis.call('HDEL', job_key(id), 'published') end
  tally(state .. ' ' .. header.kind)
  if leave then leave() end
  if header.coalescing then pass_on(id, header.coalescing.index, header.kind) end
  if header.deadline then redis.call('ZREM', P .. 'deadlines', id) end
end

-- Ends a job by a decision of the queue itself. `revoke`, if a worker has a lease for it, takes the fencing token back.
local function finish_here(id, header, state, progress, code, sentence, retention_ms, keep_results, leave, revoke)
  progress.state, progress.code, progress.sentence = state, code, sentence
  redis.call('HSET', job_key(id), 'progress', cjson.encode(progress))
  -- Before it is published: its worker could complete it, and publish it as well.
  if revoke then revoke() end
  finish(id, header, state, code, retention_ms, keep_results, nil, leave)
end

-- Continues the end of a job that has ended, but has not left the place where it was: a script stopped amid it. A result with a
-- verdict cannot be published here.
local function finish_again(id, header, progress, retention_ms, keep_results, leave)
  if progress.state ~= 'completed' then
    return finish(id, header, progress.state, progress.code or 'unknown', retention_ms, keep_results, '-', leave)
  end
  redis.call('ZADD', P .. 'completed', 'NX', now_text, id)
  local known = is_published('-', { '"id":"' .. id .. '"', '"state":"completed"' })
  if known then remember_if_elsewhere(id, known) end
  if leave then leave() end
  if header.coalescing then pass_on(id, header.coalescing.index, header.kind) end
  if header.deadline then redis.call('ZREM', P .. 'deadlines', id) end
end

-- A leader died because the provider failed. Its attempts count for all its followers, so they die of the same code, a bounded
-- number in each script. A follower with its own number of attempts becomes ready instead. The remaining followers are moved to
-- a separate set, so that new jobs with the same coalescing key do not join them. `failed` holds, by leader, the code and the
-- sentence of their end.
local ENDED_ALIKE = 100
local function ended_key(leader) return P .. 'followers-of:' .. leader end
local function end_some(leader, code, sentence, retention_ms, keep_results)
  for _, id in ipairs(redis.call('ZRANGE', ended_key(leader), 0, ENDED_ALIKE - 1)) do
    local f = redis.call('HMGET', job_key(id), 'header', 'progress')
    local own, progress = header_of(f[1]), progress_of(f[2])
    -- A follower that was cancelled meanwhile follows no leader any more; one that was retried follows another.
    local follows = own and redis.call('ZSCORE', coalesced_key(own.kind), id)
      and not redis.call('ZSCORE', followers_key(own.coalescing.index), id)
    if follows and progress.state then
      finish_again(id, own, progress, retention_ms, keep_results)
    elseif follows and own.max_attempts then
      make_ready(id, own, progress, false)
    elseif follows then
      progress.history = progress.history or {}
      table.insert(progress.history, { at = now, attempt = progress.attempts, class = 'shared', code = code })
      if #progress.history > 40 then table.remove(progress.history, 1) end
      finish_here(id, own, 'dead', progress, code, sentence, retention_ms, keep_results)
    end
    write_joined()
    -- It may follow another leader now.
    local follows_on = follows and own.coalescing and redis.call('ZSCORE', followers_key(own.coalescing.index), id)
    if follows and not follows_on then redis.call('ZREM', coalesced_key(own.kind), id) end
    redis.call('ZREM', ended_key(leader), id)
  end
  if redis.call('EXISTS', ended_key(leader)) == 0 then redis.call('HDEL', P .. 'failed', leader) end
end

local function end_followers(leader, header, code, sentence, retention_ms, keep_results)
  local coalescing_key = header.coalescing.index
  if header.max_attempts then return end
  if redis.call('GET', leader_key(coalescing_key)) ~= leader then
    -- An earlier try may have stopped amid them.
    if redis.call('HEXISTS', P .. 'failed', leader) == 1 then end_some(leader, code, sentence, retention_ms, keep_results) end
    return
  end
  if redis.call('EXISTS', followers_key(coalescing_key)) == 0 then return end
  redis.call('HSET', P .. 'failed', leader, cjson.encode({ code = code, sentence = sentence }))
  -- Some followers of an earlier death may still be in the set, if the leader was retried by hand since.
  redis.call('ZUNIONSTORE', ended_key(leader), 2, ended_key(leader), followers_key(coalescing_key), 'AGGREGATE', 'MIN')
  redis.call('DEL', followers_key(coalescing_key))
  redis.call('DEL', leader_key(coalescing_key))
  end_some(leader, code, sentence, retention_ms, keep_results)
end

-- Ends the lease of a job whose worker is lost, and records the stall. No attempt is spent, but a call may have been sent: with
-- `holds_ambiguous` the job is held for a decision. A lease counts as one stall, also if an earlier script stopped amid it.
local function count_stall(progress, kind, leased_as)
  progress.stalls = progress.stalls + 1
  if leased_as ~= CACHED then
    progress.calls, progress.unanswered = progress.calls + 1, progress.unanswered + 1
    tally('calls ' .. leased_as)
  end
  progress.history = progress.history or {}
  table.insert(progress.history, { at = now, attempt = progress.attempts + 1, class = 'stalled' })
  if #progress.history > 40 then table.remove(progress.history, 1) end
  tally('stalled ' .. kind)
end
local function stall(id, session, max_stalls, holds_ambiguous, retention_ms, keep_results)
  local leased_as, batch = release_lease(session, id)
  local key = job_key(id)
  local f = redis.call('HMGET', key, 'header', 'progress')
  if not f[1] then return end -- it was dropped meanwhile
  local header, progress = header_of(f[1]), progress_of(f[2])
  if progress.state then
    if header then finish_again(id, header, progress, retention_ms, keep_results) end
    return
  end
  holds_ambiguous = holds_ambiguous and leased_as ~= CACHED -- nothing was sent for it
  local kind, lease = header and header.kind or 'unknown', session .. ' ' .. (batch or '')
  local is_new = batch ~= REVOKED and progress.stalled ~= lease
  if is_new then
    count_stall(progress, kind, leased_as)
    progress.stalled = lease
  end
  -- An earlier stall, or a settlement under this lease, may have stopped when the job was elsewhere already.
  if header and (progress.by == lease or not is_new) then leave_place(id, header) end
  local becomes = progress.stalls > max_stalls and ' dead' or holds_ambiguous and ' held' or ' again'
  if not header or progress.stalls > max_stalls then
    finish_here(id, header or { kind = kind, tenant = '' }, 'dead', progress, 'stalled',
      'Its workers died or hung more often than is allowed.', retention_ms, keep_results, nil,
      function() revoke_lease(session, id, leased_as) end)
  else
    -- One stall may be chance; after two the job is quarantined.
    progress.quarantined = progress.stalls >= math.min(2, max_stalls) or nil
    if holds_ambiguous then progress.code, progress.sentence = 'stalled', 'Its worker died or hung; its call may be billed.' end
    redis.call('HSET', key, 'progress', cjson.encode(progress))
    if holds_ambiguous then revoke_lease(session, id, leased_as) end
    if holds_ambiguous then hold_for_decision(id, kind) else make_ready(id, header, progress, true) end
  end
  if is_new then redis.call('HINCRBY', P .. 'stalls', kind .. becomes, 1) end
end
