-- Takes a submitted job off the inbox before a worker has accepted it.
--
-- Arguments: id; how long the submission is kept (ms).
-- Returns 1 if it was taken off, else 0.
local id, keep_ms = unpack(ARGV, 1, 2)
local stream, entry = unpack(redis.call('HMGET', submission_key(id), 'stream', 'entry'))
if not entry then return 0 end
-- Its end is written first: if the script stops after it, the repetition takes the entry off.
if #redis.call('XRANGE', P .. stream, entry, entry) == 0 then return 0 end
redis.call('HSET', submission_key(id), 'cancelled', now_text)
redis.call('PEXPIRE', submission_key(id), keep_ms)
redis.call('XDEL', P .. stream, entry)
redis.call('XACK', P .. stream, 'pods', entry)
redis.call('PUBLISH', P .. 'done', id)
return 1
