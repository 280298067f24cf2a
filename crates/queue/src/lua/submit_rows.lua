-- Submits rows of a batch, each once: a row that was submitted before keeps its job, and one that was refused can be corrected.
--
-- Arguments: id of the batch; stream of the inbox; how long idempotency keys are remembered (ms); how long the batch is kept (ms);
-- id of the public key; then eight for each row: its number from 1; its line; id of its job, or '' if it is refused; index of its own
-- idempotency key or ''; digest of the body; what is known of the job or why it is refused, as JSON; key record; sealed job.
-- Returns for each row 'new', 'existing', 'conflict' (it was another job before), 'taken' (another job has its idempotency key) or
-- 'refused', and the id of the job that is there. Returns 'cancelled' and '' alone if the batch is cancelled.
--
-- The row is written last. If the script stops before, the repetition submits the job again, and the worker recognises it by its
-- idempotency key: each job of a batch has one.
local batch, stream, remember_ms, keep_ms, public_key = unpack(ARGV, 1, 5)
remember_ms, keep_ms = bounded_text(remember_ms), bounded_text(keep_ms)
local rows = submitted_rows_key(batch)
if redis.call('HEXISTS', submitted_batch_key(batch), 'cancelled') == 1 then return { 'cancelled', '' } end
local answers, last = {}, tonumber(redis.call('HGET', submitted_batch_key(batch), 'last') or '0')
local function answer(verb, id)
  table.insert(answers, verb)
  table.insert(answers, id)
end
for i = 6, #ARGV, 8 do
  local row, line, id, index, digest, about, record, sealed = unpack(ARGV, i, i + 7)
  last = math.max(last, tonumber(row))
  local known_id, known_digest = string.match(redis.call('HGET', rows, row) or '', '^%d+ (%w+) (%w+)$')
  if known_id then
    answer(known_digest == digest and 'existing' or 'conflict', known_id)
  elseif id == '' then
    redis.call('HSET', rows, row, line .. ' ' .. about)
    answer('refused', '')
  else
    local verb, submitted = submit(stream, id, index, digest, remember_ms, about, public_key, record, sealed)
    if verb == 'conflict' then
      answer('taken', submitted)
    else
      redis.call('HSET', rows, row, line .. ' ' .. submitted .. ' ' .. digest)
      answer(verb, submitted)
    end
  end
end
redis.call('HSET', submitted_batch_key(batch), 'last', whole(last))
redis.call('PEXPIRE', rows, keep_ms)
redis.call('PEXPIRE', submitted_batch_key(batch), keep_ms)
return answers
