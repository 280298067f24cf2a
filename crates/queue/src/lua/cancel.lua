-- Calls a job off. Whoever has it can no longer settle it.
-- ARGV 1 id, 2 retention (ms), 3 results kept     Answers 'done' | its final state | 'unknown'
local id = ARGV[1]
local f = redis.call('HMGET', job_key(id), 'label', 'story')
local label, story = label_of(f[1]), story_of(f[2])
if not label then return 'unknown' end
if story.state then return story.state end
local session = holder(id)
if session then
  if let_go(session, id) ~= ANSWERED then
    -- Its call may have been sent, and may be billed.
    story.calls, story.unanswered = story.calls + 1, story.unanswered + 1
    tally('calls ' .. label.kind)
  end
else
  leave_line(id, label)
end
finish_here(id, label, 'cancelled', story, 'cancelled', 'It was called off.', ARGV[2], ARGV[3])
return 'done'
