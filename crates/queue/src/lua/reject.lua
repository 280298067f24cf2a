-- Moves an entry of the inbox to the rejected ones, with the reason. The job itself is stored with it, sealed. If the script
-- stops before it removes the entry, its repetition adds a second rejected entry.
--
-- Arguments: stream of the inbox; entry; field; problem; remedy; all faults; sealed job; entries that are retained; bytes that were
-- sent; id of a submitted job, or ''; how long it is known why that was refused (ms).
-- Returns 1 if the entry was there, else 0.
local stream, entry, field, problem, remedy, faults, job, keep_rejected, bytes, id, keep_ms = unpack(ARGV, 1, 11)
local is_there = #redis.call('XRANGE', P .. stream, entry, entry)
if is_there == 1 then
  redis.call('XADD', P .. 'inbox:rejected', 'MAXLEN', '~', keep_rejected, '*', 'stream', stream, 'entry', entry, 'field', field,
    'problem', problem, 'remedy', remedy, 'faults', faults, 'bytes', bytes, 'job', job)
  if is_submitted_as(id, stream, entry) then note_submission(id, 'refused', faults, keep_ms) end
end
remove_entry(stream, entry)
return is_there
