-- Ends a job with its outcome: acknowledged, stored and published in one step, or not at all.
-- ARGV 1 id, 2 token, 3 verdict, 4 reason codes, 5 sealed outcome, 6 calls so far, 7 unanswered so far,
--      8 line of history, 9 retention of the idempotency key (ms), 10 results kept, 11 '1' to end the pauses of its kind
-- Answers 'done' | 'again' | 'lost'
local id, token, verdict, reasons, sealed, calls, unanswered, line, retention, keep_results, end_pauses = unpack(ARGV)
local job, why = take_back(id, token)
if not job then return why end
redis.call('HSET', job_key(id), 'state', 'completed', 'settled', token, 'verdict', verdict, 'outcome', sealed,
  'calls', calls, 'unanswered', unanswered, 'finished', now, 'attempts', job.attempts + 1,
  'history', with_line(job.history, line))
if end_pauses == '1' then redis.call('HDEL', kind_key(job.kind), 'pauses') end
finish(id, job, 'completed', verdict, reasons, retention, keep_results)
return 'done'
