-- Ends an attempt that failed.
--
-- Arguments: session; batch; id; 'retry', 'hold', 'park', 'keep' or 'dead'; progress; delay (ms) for retry, park and keep, -1 for
-- until resumed; code; class; calls of this attempt; retention of dead jobs (ms); entries that the results stream keeps; '1' if the
-- failure speaks against the provider; pauses in a row of the kind when the lease was granted; when that was (ms); failures that
-- open a circuit, its window, its first and its longest pause (ms); '1' to hold an ambiguous call for a decision; the failure's own
-- code; '1' if no attempt is left; the answer, sealed, or ''; why the kind parks if most answers are like this one, or ''; then the
-- kinds with images.
-- Returns 'done'; 'opened' or 'not_counted' (the circuit opened by it, or is open: the attempt does not count); 'apart' (the trouble
-- is the job's own: the attempt counts, and the kind goes on); 'parked' (most answers of the kind are like this one); 'again' or
-- 'lost'.
local session, batch, id, verb, progress, delay, code, class, calls, retention, keep_results, against_provider, pauses_seen,
  given_out, enough, window, first_pause, longest_pause, holds_ambiguous, own_code, is_last, answer, parks_as = unpack(ARGV, 1, 23)
delay, pauses_seen, enough, window = tonumber(delay), tonumber(pauses_seen), tonumber(enough), tonumber(window)
first_pause, longest_pause = tonumber(first_pause), tonumber(longest_pause)
local header = header_of(redis.call('HGET', job_key(id), 'header'))
-- One that cannot be read stays held, and dies as a stall does: it must not vanish.
if not header then return 'lost' end
local why, leased_as = end_lease(session, batch, id)
if why then return why end
local kind, result = header.kind, 'done'
tally('failed ' .. kind .. ' ' .. class)
if calls ~= '0' then
  tally('calls ' .. kind, tonumber(calls))
elseif leased_as ~= CACHED then
  -- Its slot is used up: nobody shall try faster because a try fails at once.
  give_back(kind, tonumber(given_out), 0)
end
if answer ~= '' then
  redis.call('HSET', job_key(id), 'answer', answer)
  redis.call('ZADD', P .. 'retained', now_text, id)
end

-- A job that failed more often than this may be one that fails always, with a provider that is well: while its kind's circuit
-- is open it waits apart, so that it holds up no other and costs few calls.
local TRIES_IN_ORDER = 10
local due, told = now + delay, read_json(progress)
local not_counted = against_provider == '1' and circuit(kind, pauses_seen, enough, window, first_pause, longest_pause)
if not_counted then
  told.attempts, told.state, result = told.attempts - 1, nil, not_counted
  local beyond = #told.history - TRIES_IN_ORDER
  if holds_ambiguous == '1' then
    verb = 'hold'
  elseif beyond > 0 then
    verb, due, told.apart = 'retry', now + math.min(LONGEST_APART, beyond * longest_pause), beyond
  else
    verb = 'again'
  end
elseif verb == 'park' and is_its_own(kind, told) then
  result = 'apart'
  told.attempts, told.apart, told.code, code = told.attempts + 1, (told.apart or 0) + 1, own_code, own_code
  verb = is_last == '1' and 'dead' or 'retry'
  if verb == 'dead' then told.state = 'dead' end
  due = now + math.max(delay, math.min(LONGEST_APART, first_pause * 4 ^ (told.apart - 1)))
elseif parks_as ~= '' and odd_answer(kind, parks_as, pauses_seen, enough, window) then
  result = 'parked'
end
redis.call('HSET', job_key(id), 'progress', cjson.encode(told))

if verb == 'again' then
  -- Behind the others, so that another one tries next whether the provider is well.
  make_ready(id, header, told, false)
elseif verb == 'hold' then
  hold_for_decision(id, kind)
elseif verb == 'dead' then
  -- What was sent for it was sent for others as well; what failed before concerns itself alone.
  if header.coalescing and calls ~= '0' and code ~= 'deadline_passed' then
    end_followers(id, header, code, told.sentence or '', retention, keep_results)
  end
  finish(id, header, 'dead', code, retention, keep_results)
elseif verb == 'retry' or verb == 'keep' then
  redis.call('ZADD', P .. 'scheduled', whole(due), id)
  -- Sleepers know of an earlier time, or learn of this one.
  if redis.call('ZRANGE', P .. 'scheduled', 0, 0)[1] == id then redis.call('PUBLISH', P .. 'wake', kind) end
  if verb == 'keep' and store_failed(delay, enough, window, { unpack(ARGV, 24) }) then result = 'parked' end
else -- park
  close(kind, delay == -1 and -1 or due, code)
  make_ready(id, header, told, true)
end
wake_for_quarantined()
return result
