-- What is known of a job, at one moment.
-- ARGV 1 id, 2.. fields
-- Answers { worker that holds it or '', until when its kind is parked or '', why, field, field, … }
local fields = redis.call('HMGET', job_key(ARGV[1]), 'label', 'state', unpack(ARGV, 2))
local label, final = label_of(fields[1]), fields[2]
local answer = { '', '', '' }
if label and not final then
  local parked = redis.call('HMGET', kind_key(label.kind), 'until', 'reason')
  answer = { holder(ARGV[1]) or '', parked[1] or '', parked[2] or '' }
end
for i = 1, #ARGV + 1 do table.insert(answer, fields[i]) end
return answer
