-- Moves an entry of the inbox to the rejected ones, with the reason. The job itself is stored with it, sealed.
--
-- Arguments: stream of the inbox; entry; field; problem; remedy; all faults; sealed job; entries that are retained; bytes that were sent.
-- Returns 1 if the entry was there, else 0.
local stream, entry, field, problem, remedy, faults, job, keep_rejected, bytes = unpack(ARGV, 1, 9)
if redis.call('XDEL', P .. stream, entry) == 0 then return 0 end
redis.call('XACK', P .. stream, 'pods', entry)
redis.call('XADD', P .. 'inbox:rejected', 'MAXLEN', '~', keep_rejected, '*', 'stream', stream, 'entry', entry, 'field', field,
  'problem', problem, 'remedy', remedy, 'faults', faults, 'bytes', bytes, 'job', job)
return 1
