-- Ends a job with its outcome: acknowledged, stored and published in one step, or not at all.
-- ARGV 1 id, 2 token, 3 verdict, 4 reason codes, 5 sealed outcome, 6 calls so far, 7 unanswered so far,
--      8 line of history, 9 retention of the idempotency key (ms), 10 results kept
-- Answers 'done' | 'again' | 'lost'
local id, token, verdict, reasons, sealed, calls, unanswered, line, retention, keep_results = unpack(ARGV)
local job, why = take_back(id, token)
if not job then return why end
local key = job_key(id)
redis.call('HINCRBY', key, 'attempts', 1)
redis.call('HSET', key, 'state', 'completed', 'settled', token, 'verdict', verdict, 'outcome', sealed, 'calls', calls,
  'unanswered', unanswered, 'finished', now)
remember(id, line)
redis.call('HDEL', kind_key(job.kind), 'pauses')
finish(id, job, 'completed', verdict, reasons, retention, keep_results)
return 'done'
