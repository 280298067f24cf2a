-- Hands a job back that a worker could not finish in time, or whose slot passed: it keeps its place, and no attempt is
-- spent. One whose call may have been sent waits for a person, where one is to be asked.
-- ARGV 1 session, 2 batch, 3 id, 4 '1' when its call may have been sent, 5 when it was given out (ms), 6 its slot (us) or
--      0, 7 '1' when a person is asked before a call that may have been billed is made again, 8 '1' when the answer that
--      was there for it cannot be used
-- Answers 'done' | 'asked' | 'again' | 'lost'
local session, batch, id, sent = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local ask = sent and ARGV[7] == '1'
local f = redis.call('HMGET', job_key(id), 'label', 'story')
local label, story = label_of(f[1]), story_of(f[2])
-- One that cannot be read stays held, and dies as a stall does: it must not vanish.
if not label then return 'lost' end
local why, held_as = take_back(session, batch, id)
if why then return why end
if sent then
  story.calls, story.unanswered = story.calls + 1, story.unanswered + 1
  tally('calls ' .. label.kind)
elseif held_as ~= ANSWERED then
  give_back(label.kind, tonumber(ARGV[5]), tonumber(ARGV[6]))
end
if ARGV[8] == '1' and label.question then redis.call('DEL', answer_key(label.question.index)) end
if ask then story.code, story.sentence = 'handed_back', 'Its worker stopped amid its call, which may be billed.' end
story.by = session .. ' ' .. batch
redis.call('HSET', job_key(id), 'story', cjson.encode(story))
if ask then ask_about(id, label.kind) else make_ready(id, label, story, true) end
wake_for_suspects()
return ask and 'asked' or 'done'
