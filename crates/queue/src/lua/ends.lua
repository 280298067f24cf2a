-- How jobs end.

-- Whether a tenant has a results stream of its own.
local own_results = {}
local function has_own_results(tenant)
  if own_results[tenant] == nil then own_results[tenant] = redis.call('SISMEMBER', P .. 'tenants', tenant) == 1 end
  return own_results[tenant]
end

-- Publishes the end of a job, also in the stream of its tenant's own results if the tenant has one.
local function publish(tenant, result, keep_results)
  redis.call('XADD', P .. 'results', 'MAXLEN', '~', keep_results, '*', 'result', result)
  if has_own_results(tenant) then
    redis.call('XADD', P .. 'results:' .. tenant, 'MAXLEN', '~', keep_results, '*', 'result', result)
  end
end

-- Ends a job without an outcome, after its progress was written: adds it to its set, publishes its end, and starts the
-- retention of its idempotency key. The death of a job is published once, even if its retained answer is read again without
-- success.
local function finish(id, header, state, code, retention_ms, keep_results)
  redis.call('ZADD', P .. state, now_text, id)
  local was_published = redis.call('HDEL', job_key(id), 'published') == 1
  if state ~= 'dead' or not was_published then
    publish(header.tenant, cjson.encode({ id = id, kind = header.kind, tenant = header.tenant, reference = header.reference or '',
      state = state, verdict = '', reasons = { code } }), keep_results)
  end
  redis.call('PUBLISH', P .. 'done', id)
  if header.deadline then redis.call('ZREM', P .. 'deadlines', id) end
  if header.idempotency then redis.call('PEXPIRE', P .. 'idempotency:' .. header.idempotency, retention_ms) end
  tally(state .. ' ' .. header.kind)
  if header.coalescing then pass_on(id, header.coalescing.index, header.kind) end
end

-- Ends a job by a decision of the queue itself.
local function finish_here(id, header, state, progress, code, sentence, retention_ms, keep_results)
  progress.state, progress.code, progress.sentence = state, code, sentence
  redis.call('HSET', job_key(id), 'progress', cjson.encode(progress))
  finish(id, header, state, code, retention_ms, keep_results)
end

-- A leader died because the provider failed. Its attempts count for all its followers, so they die of the same code, a bounded
-- number in each script. A follower with its own number of attempts becomes ready instead. The remaining followers are moved to
-- a separate set, so that new jobs with the same coalescing key do not join them. `failed` holds, by leader, the code and the
-- sentence of their end.
local ENDED_ALIKE = 100
local function ended_key(leader) return P .. 'followers-of:' .. leader end
local function end_some(leader, code, sentence, retention_ms, keep_results)
  local popped = redis.call('ZPOPMIN', ended_key(leader), ENDED_ALIKE)
  for i = 1, #popped, 2 do
    local id = popped[i]
    local f = redis.call('HMGET', job_key(id), 'header', 'progress')
    local own, progress = header_of(f[1]), progress_of(f[2])
    -- A follower that was cancelled meanwhile follows no leader any more.
    local follows = own and redis.call('ZREM', coalesced_key(own.kind), id) == 1
    if follows and own.max_attempts then
      make_ready(id, own, progress, false)
    elseif follows then
      progress.history = progress.history or {}
      table.insert(progress.history, { at = now, attempt = progress.attempts, class = 'shared', code = code })
      if #progress.history > 40 then table.remove(progress.history, 1) end
      finish_here(id, own, 'dead', progress, code, sentence, retention_ms, keep_results)
    end
  end
  if redis.call('EXISTS', ended_key(leader)) == 0 then redis.call('HDEL', P .. 'failed', leader) end
end

local function end_followers(leader, header, code, sentence, retention_ms, keep_results)
  local coalescing_key = header.coalescing.index
  if header.max_attempts or redis.call('GET', leader_key(coalescing_key)) ~= leader then return end
  if redis.call('EXISTS', followers_key(coalescing_key)) == 0 then return end
  redis.call('DEL', leader_key(coalescing_key))
  -- Some followers of an earlier death may still be in the set, if the leader was retried by hand since.
  redis.call('ZUNIONSTORE', ended_key(leader), 2, ended_key(leader), followers_key(coalescing_key), 'AGGREGATE', 'MIN')
  redis.call('DEL', followers_key(coalescing_key))
  redis.call('HSET', P .. 'failed', leader, cjson.encode({ code = code, sentence = sentence }))
  end_some(leader, code, sentence, retention_ms, keep_results)
end

-- Records the stall of a job that was leased as `leased_as`. No attempt is spent, but a call may have been sent: with
-- `holds_ambiguous` the job is held for a decision.
local function stall(id, leased_as, max_stalls, holds_ambiguous, retention_ms, keep_results)
  local key = job_key(id)
  local f = redis.call('HMGET', key, 'header', 'progress')
  if not f[1] then return end -- it was dropped meanwhile
  local header, progress = header_of(f[1]), progress_of(f[2])
  if progress.state then return end
  progress.stalls = progress.stalls + 1
  if leased_as ~= CACHED then
    progress.calls, progress.unanswered = progress.calls + 1, progress.unanswered + 1
    tally('calls ' .. leased_as)
  else
    holds_ambiguous = false -- nothing was sent for it
  end
  progress.history = progress.history or {}
  table.insert(progress.history, { at = now, attempt = progress.attempts + 1, class = 'stalled' })
  if #progress.history > 40 then table.remove(progress.history, 1) end
  local kind = header and header.kind or 'unknown'
  tally('stalled ' .. kind)
  local becomes = progress.stalls > max_stalls and ' dead' or holds_ambiguous and ' held' or ' again'
  redis.call('HINCRBY', P .. 'stalls', kind .. becomes, 1)
  if not header or progress.stalls > max_stalls then
    finish_here(id, header or { kind = kind, tenant = '' }, 'dead', progress, 'stalled',
      'Its workers died or hung more often than is allowed.', retention_ms, keep_results)
    return
  end
  -- One stall may be chance; after two the job is quarantined.
  progress.quarantined = progress.stalls >= math.min(2, max_stalls) or nil
  if holds_ambiguous then progress.code, progress.sentence = 'stalled', 'Its worker died or hung; its call may be billed.' end
  redis.call('HSET', key, 'progress', cjson.encode(progress))
  if holds_ambiguous then hold_for_decision(id, kind) else make_ready(id, header, progress, true) end
end
