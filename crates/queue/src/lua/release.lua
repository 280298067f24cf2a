-- Gives a job back that a worker could not finish in time, or whose slot has passed. The job keeps its place and spends no
-- attempt. A job whose call may have been sent is held for a decision, if ambiguous calls are.
--
-- Arguments: session; batch; id; '1' if its call may have been sent; when its lease was granted (ms); its slot (us) or 0; '1' to
-- hold ambiguous calls for a decision; '1' if its cached answer cannot be used.
-- Returns 'done', 'held', 'again' or 'lost'.
local session, batch, id, may_be_sent, given_ms, slot_us, hold_ambiguous, is_useless = unpack(ARGV, 1, 8)
local sent = may_be_sent == '1'
local holds_ambiguous = sent and hold_ambiguous == '1'
local f = redis.call('HMGET', job_key(id), 'header', 'progress')
local header, progress = header_of(f[1]), progress_of(f[2])
-- A job that cannot be read keeps its lease and dies of stalls. It must not vanish.
if not header then return 'lost' end
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
local why, leased_as = end_lease(session, batch, id)
if why then return why end
local by = session .. ' ' .. batch
if sent and progress.by ~= by then
  progress.calls, progress.unanswered = progress.calls + 1, progress.unanswered + 1
  tally('calls ' .. header.kind)
elseif not sent and leased_as ~= CACHED then
  give_back(header.kind, tonumber(given_ms), tonumber(slot_us))
end
if is_useless == '1' and header.coalescing then redis.call('DEL', answer_key(header.coalescing.index)) end
if holds_ambiguous then progress.code, progress.sentence = 'handed_back', 'Its worker stopped during its call, which may be billed.' end
progress.by = by
redis.call('HSET', job_key(id), 'progress', cjson.encode(progress))
if holds_ambiguous then hold_for_decision(id, header.kind) else make_ready(id, header, progress, true) end
wake_for_quarantined()
return holds_ambiguous and 'held' or 'done'
