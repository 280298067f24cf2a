-- Ends jobs with their outcomes: each is acknowledged, stored and published in one step, or not at all.
-- ARGV 1 retention of idempotency keys (ms), 2 results kept, then nine for each job:
--      id, token, verdict, reason codes, sealed outcome, calls so far, unanswered so far, line of history,
--      '1' to end the pauses of its kind
-- Answers 'done' | 'again' | 'lost' for each job
local answers = {}
for i = 3, #ARGV, 9 do
  local id, token, verdict, reasons, sealed, calls, unanswered, line, end_pauses = unpack(ARGV, i, i + 8)
  local job, why = take_back(id, token)
  if job then
    redis.call('HSET', job_key(id), 'state', 'completed', 'settled', token, 'verdict', verdict, 'outcome', sealed,
      'calls', calls, 'unanswered', unanswered, 'finished', now, 'attempts', job.attempts + 1,
      'history', with_line(job.history, line))
    if end_pauses == '1' then redis.call('HDEL', kind_key(job.kind), 'pauses') end
    finish(id, job, 'completed', verdict, reasons, ARGV[1], ARGV[2])
  end
  table.insert(answers, why or 'done')
end
return answers
