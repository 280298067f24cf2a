-- What is known of a job, at one moment.
-- ARGV 1 id, 2 '1' with its outcome
-- Answers { label, story, outcome, when it ended or is due, worker that holds it, until when its kind is parked, why }
local id = ARGV[1]
local f = redis.call('HMGET', job_key(id), 'label', 'story', ARGV[2] == '1' and 'outcome' or '')
local label = label_of(f[1])
if not label then return {} end
local ended = read_json(f[2]).state
if ended then return { f[1], f[2], f[3], redis.call('ZSCORE', P .. ended, id) } end
local parked = redis.call('HMGET', kind_key(label.kind), 'until', 'reason')
return { f[1], f[2], false, redis.call('ZSCORE', P .. 'scheduled', id), holder(id) or false, parked[1], parked[2] }
