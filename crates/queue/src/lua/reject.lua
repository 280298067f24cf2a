-- Moves an entry of the inbox to the rejected ones, with the reason. The job itself stays, sealed.
-- ARGV 1 entry, 2 field, 3 problem, 4 remedy, 5 all faults, 6 sealed job, 7 how many are kept, 8 how many bytes
--      were sent     Answers whether it was there
if redis.call('XDEL', P .. 'inbox', ARGV[1]) == 0 then return 0 end
redis.call('XACK', P .. 'inbox', 'pods', ARGV[1])
redis.call('XADD', P .. 'inbox:rejected', 'MAXLEN', '~', ARGV[7], '*', 'entry', ARGV[1], 'field', ARGV[2],
  'problem', ARGV[3], 'remedy', ARGV[4], 'faults', ARGV[5], 'bytes', ARGV[8], 'job', ARGV[6])
return 1
