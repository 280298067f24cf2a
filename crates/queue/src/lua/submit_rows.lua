-- Submits rows of a batch, each once: a row that was submitted before keeps its job, wherever in the file it stands now, and one that was
-- refused can be corrected.
--
-- Arguments: id of the batch; stream of the inbox; how long idempotency keys are remembered (ms); how long the batch is kept (ms);
-- id of the public key; then eight for each row: its number from 1; its line; id of its job, or '' if it is refused; index of its own
-- idempotency key or ''; digest of the body; what is known of the job or why it is refused, as JSON; key record; sealed job.
-- Returns for each row 'new', 'existing', 'taken' (another job has its idempotency key) or 'refused', and the id of the job that is
-- there. Returns 'cancelled' and '' alone if the batch is cancelled.
--
-- What names a job is written last. If the script stops before, the repetition submits the job again, and the worker recognises it by
-- its idempotency key: each job of a batch has one, and its digest has it too, so no two rows of a file have one digest.
local batch, stream, remember_ms, keep_ms, public_key = unpack(ARGV, 1, 5)
remember_ms, keep_ms = bounded_text(remember_ms), bounded_text(keep_ms)
local rows, jobs = submitted_rows_key(batch), submitted_jobs_key(batch)
if redis.call('HEXISTS', submitted_batch_key(batch), 'cancelled') == 1 then return { 'cancelled', '' } end
local answers, last = {}, tonumber(redis.call('HGET', submitted_batch_key(batch), 'last') or '0')
for i = 6, #ARGV, 8 do last = math.max(last, tonumber(ARGV[i])) end
-- Before the rows, so that none is overlooked by who reads or cancels them.
redis.call('HSET', submitted_batch_key(batch), 'last', whole(last))
redis.call('PEXPIRE', submitted_batch_key(batch), keep_ms)
local function answer(verb, id)
  table.insert(answers, verb)
  table.insert(answers, id)
end
for i = 6, #ARGV, 8 do
  local row, line, id, index, digest, about, record, sealed = unpack(ARGV, i, i + 7)
  local known = id ~= '' and redis.call('HGET', jobs, digest)
  -- A worker refused it, perhaps by rules that have changed since.
  if known and redis.call('HEXISTS', submission_key(known), 'refused') == 1 then known = nil end
  if id == '' then
    redis.call('HSET', rows, row, line .. ' ' .. about)
    answer('refused', '')
  elseif known then
    redis.call('HSET', rows, row, line .. ' ' .. known .. ' ' .. digest)
    answer('existing', known)
  else
    local verb, submitted = submit(stream, id, index, digest, remember_ms, about, public_key, record, sealed)
    if verb == 'conflict' then
      answer('taken', submitted)
    else
      redis.call('HSET', rows, row, line .. ' ' .. submitted .. ' ' .. digest)
      redis.call('HSET', jobs, digest, submitted)
      answer(verb, submitted)
    end
  end
end
redis.call('PEXPIRE', rows, keep_ms)
redis.call('PEXPIRE', jobs, keep_ms)
return answers
