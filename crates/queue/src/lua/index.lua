-- Stores the sealed keys of the blind indexes in the place of those that the caller read, with the text by which other scripts
-- know them.
--
-- Arguments: the sealed keys that the caller read, or '' if there were none; those to store; their text.
-- Returns 1, or 0 if Redis holds others.
local known, sealed, state = unpack(ARGV, 1, 3)
if (redis.call('GET', P .. 'index-key') or '') ~= known then return 0 end
if known ~= sealed then redis.call('SET', P .. 'index-key', sealed) end
redis.call('SET', P .. 'index-id', state)
return 1
