-- Hands a job back that a worker could not finish in time, or whose slot passed: it keeps its place, and no attempt is
-- spent. One whose call may have been sent is held for a decision, where ambiguous calls are.
-- ARGV 1 session, 2 batch, 3 id, 4 '1' when its call may have been sent, 5 when it was given out (ms), 6 its slot (us) or
--      0, 7 '1' when ambiguous calls are held for a decision, 8 '1' when the answer that
--      was there for it cannot be used
-- Answers 'done' | 'held' | 'again' | 'lost'
local session, batch, id, sent = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local holds_ambiguous = sent and ARGV[7] == '1'
local f = redis.call('HMGET', job_key(id), 'header', 'progress')
local header, progress = header_of(f[1]), progress_of(f[2])
-- One that cannot be read stays held, and dies as a stall does: it must not vanish.
if not header then return 'lost' end
local why, leased_as = end_lease(session, batch, id)
if why then return why end
if sent then
  progress.calls, progress.unanswered = progress.calls + 1, progress.unanswered + 1
  tally('calls ' .. header.kind)
elseif leased_as ~= CACHED then
  give_back(header.kind, tonumber(ARGV[5]), tonumber(ARGV[6]))
end
if ARGV[8] == '1' and header.coalescing then redis.call('DEL', answer_key(header.coalescing.index)) end
if holds_ambiguous then progress.code, progress.sentence = 'handed_back', 'Its worker stopped amid its call, which may be billed.' end
progress.by = session .. ' ' .. batch
redis.call('HSET', job_key(id), 'progress', cjson.encode(progress))
if holds_ambiguous then hold_for_decision(id, header.kind) else make_ready(id, header, progress, true) end
wake_for_quarantined()
return holds_ambiguous and 'held' or 'done'
