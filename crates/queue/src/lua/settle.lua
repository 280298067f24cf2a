-- Ends an attempt that failed.
--
-- Arguments: session; batch; id; 'retry', 'hold', 'park', 'keep' or 'dead'; progress; delay (ms) for retry, park and keep, -1 for
-- until resumed; code; class; calls of this attempt; retention of dead jobs (ms); entries that the results stream keeps; '1' if the
-- failure speaks against the provider; pauses in a row of the kind when the lease was granted; when that was (ms); failures that
-- open a circuit, its window, its first and its longest pause (ms); '1' to hold an ambiguous call for a decision; the failure's own
-- code; '1' if no attempt is left; the answer, sealed, or ''; why the kind parks if most answers are like this one, or ''; '1' if
-- an earlier try may have been applied, in whole or in part; then the kinds with images.
-- Returns 'done'; 'opened' or 'not_counted' (the circuit opened by it, or is open: the attempt does not count); 'isolated' (the trouble
-- is the job's own: the attempt counts, and the kind goes on); 'parked' (most answers of the kind are like this one); 'again' or
-- 'lost'.
local session, batch, id, verb, progress, delay_ms, code, class, calls, retention_ms, keep_results, against_provider,
  pauses_seen, given_ms, failures, window_ms, first_pause_ms, longest_pause_ms, hold_ambiguous, own_code, is_last, answer,
  parks_as, is_again = unpack(ARGV, 1, 24)
retention_ms, keep_results = bounded_text(retention_ms), bounded_text(keep_results)
delay_ms = delay_ms == '-1' and -1 or bounded(delay_ms)
pauses_seen, failures, given_ms = tonumber(pauses_seen), tonumber(failures), bounded_text(given_ms)
window_ms, first_pause_ms, longest_pause_ms = bounded(window_ms), bounded(first_pause_ms), bounded(longest_pause_ms)
local header = header_of(redis.call('HGET', job_key(id), 'header'))
-- A job that cannot be read keeps its lease and dies of stalls. It must not vanish.
if not header then return 'lost' end
-- As in lease.lua: first a write that a full Redis lets through.
redis.call('ZREM', P .. 'workers', '')
local why, leased_as = end_lease(session, batch, id)
if why then return why end
local kind, result = header.kind, 'done'
tally('failed ' .. kind .. ' ' .. class)
if calls ~= '0' then
  tally('calls ' .. kind, tonumber(calls))
elseif leased_as ~= CACHED then
  -- Its slot stays used, so that attempts that fail at once do not exceed the rate.
  give_back(kind, tonumber(given_ms), 0)
end
if answer ~= '' then
  redis.call('HSET', job_key(id), 'answer', answer)
  redis.call('ZADD', P .. 'retained', now_text, id)
end

-- A job that failed more often than this may always fail, even if the provider works. While its kind's circuit is open the job
-- is isolated: it waits by itself, delays no other job and costs few calls.
local TRIES_IN_ORDER = 10
local due = now + delay_ms
progress = read_json(progress)
local not_counted = against_provider == '1' and circuit(kind, pauses_seen, failures, window_ms, first_pause_ms, longest_pause_ms)
if not_counted then
  progress.attempts, progress.state, result = progress.attempts - 1, nil, not_counted
  local beyond = #progress.history - TRIES_IN_ORDER
  if hold_ambiguous == '1' then
    verb = 'hold'
  elseif beyond > 0 then
    verb, due, progress.isolated = 'retry', now + math.min(LONGEST_ISOLATION, beyond * longest_pause_ms), beyond
  else
    verb = 'again'
  end
elseif verb == 'park' and is_its_own(kind, progress) then
  result = 'isolated'
  progress.attempts, progress.isolated, progress.code, code = progress.attempts + 1, (progress.isolated or 0) + 1, own_code, own_code
  verb = is_last == '1' and 'dead' or 'retry'
  if verb == 'dead' then progress.state = 'dead' end
  due = now + math.max(delay_ms, math.min(LONGEST_ISOLATION, first_pause_ms * 4 ^ (progress.isolated - 1)))
elseif parks_as ~= '' and unusable_answer(kind, parks_as, pauses_seen, failures, window_ms) then
  result = 'parked'
end
redis.call('HSET', job_key(id), 'progress', cjson.encode(progress))

if verb == 'again' then
  -- To the back of its ready queue, so that another job probes the provider next.
  make_ready(id, header, progress, false)
elseif verb == 'hold' then
  hold_for_decision(id, kind)
elseif verb == 'dead' then
  -- A call was made for its followers as well. A failure before the call concerns this job alone.
  if header.coalescing and calls ~= '0' and code ~= 'deadline_passed' then
    end_followers(id, header, code, progress.sentence or '', retention_ms, keep_results)
  end
  finish(id, header, 'dead', code, retention_ms, keep_results, is_again == '1' and given_ms)
elseif verb == 'retry' or verb == 'keep' then
  redis.call('ZADD', P .. 'scheduled', whole(due), id)
  -- Sleeping workers know of an earlier time, or are woken for this one.
  if redis.call('ZRANGE', P .. 'scheduled', 0, 0)[1] == id then redis.call('PUBLISH', P .. 'wake', kind) end
  if verb == 'keep' and store_failed(delay_ms, failures, window_ms, { unpack(ARGV, 25) }) then result = 'parked' end
else -- park
  close(kind, delay_ms == -1 and -1 or due, code)
  make_ready(id, header, progress, true)
end
wake_for_quarantined()
return result
