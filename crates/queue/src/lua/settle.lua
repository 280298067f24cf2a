-- Ends an attempt that failed.
-- ARGV 1 session, 2 batch, 3 id, 4 'retry' | 'ask' | 'park' | 'dead', 5 story, 6 delay (ms) for retry and park, -1 for
--      until resumed, 7 code, 8 class, 9 calls of this attempt, 10 retention of dead jobs (ms), 11 results kept, 12 '1' when
--      it speaks against the source, 13 pauses in a row of its kind when it was given out, 14 when it was given out (ms),
--      15 failures that open a circuit, 16 its window, 17 its first and 18 its longest pause (ms), 19 '1' when a person is
--      to be asked before it is called again
-- Answers 'done' | 'opened' | 'spared' (the circuit opened by it, or is open: the attempt does not count) | 'again' |
--         'lost'
local session, batch, id, verb, story, delay, code, class, calls, retention, keep_results = unpack(ARGV, 1, 11)
local label = label_of(redis.call('HGET', job_key(id), 'label'))
-- One that cannot be read stays held, and dies as a stall does: it must not vanish.
if not label then return 'lost' end
local why, held_as = take_back(session, batch, id)
if why then return why end
local kind = label.kind
tally('failed ' .. kind .. ' ' .. class)
if calls ~= '0' then
  tally('calls ' .. kind, tonumber(calls))
elseif held_as ~= ANSWERED then
  -- Its slot is used up: nobody shall try faster because a try fails at once.
  give_back(kind, tonumber(ARGV[14]), 0)
end

-- A job that failed more often than this may be one that fails always, with a source that is well: while its kind's circuit
-- is open it waits apart, ever longer up to an hour, so that it holds up no other and costs few calls.
local TRIES_IN_LINE, LONGEST_APART = 10, 3600000
local due = now + tonumber(delay)
local spared = ARGV[12] == '1'
  and circuit(kind, tonumber(ARGV[13]), tonumber(ARGV[15]), tonumber(ARGV[16]), tonumber(ARGV[17]), tonumber(ARGV[18]))
if spared then
  local told = read_json(story)
  told.attempts, told.state = told.attempts - 1, nil
  story = cjson.encode(told)
  local beyond = #told.history - TRIES_IN_LINE
  if ARGV[19] == '1' then
    verb = 'ask'
  elseif beyond > 0 then
    verb, due = 'retry', now + math.min(LONGEST_APART, beyond * tonumber(ARGV[18]))
  else
    verb = 'again'
  end
end
redis.call('HSET', job_key(id), 'story', story)

if verb == 'again' then
  -- Behind the others, so that another one tries next whether the source is well.
  make_ready(id, label, read_json(story), false)
elseif verb == 'ask' then
  ask_about(id, kind)
elseif verb == 'dead' then
  -- What was sent for it was sent for others as well; what failed before concerns itself alone.
  if label.question and calls ~= '0' and code ~= 'deadline_passed' then
    end_followers(id, label, code, read_json(story).sentence or '', retention, keep_results)
  end
  finish(id, label, 'dead', code, retention, keep_results)
elseif verb == 'retry' then
  redis.call('ZADD', P .. 'scheduled', whole(due), id)
  -- Sleepers know of an earlier time, or learn of this one.
  if redis.call('ZRANGE', P .. 'scheduled', 0, 0)[1] == id then redis.call('PUBLISH', P .. 'wake', kind) end
else -- park
  close(kind, delay == '-1' and -1 or due, code)
  make_ready(id, label, read_json(story), true)
end
wake_for_suspects()
return spared or 'done'
