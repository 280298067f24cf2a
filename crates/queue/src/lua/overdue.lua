-- Lists jobs whose retention has ended, the oldest first.
--
-- Arguments: 'completed', 'dead' or 'cancelled'; retention (ms); how many to skip; how many at most.
-- Returns id, kind and tenant of each; kind and tenant are empty if the header cannot be read.
local place, retention_ms, skip, at_most = unpack(ARGV, 1, 4)
local ids = redis.call('ZRANGEBYSCORE', P .. place, '-inf', now - retention_ms, 'LIMIT', skip, at_most)
local listed = {}
for _, id in ipairs(ids) do
  -- Not parsed as JSON, as in trim.lua.
  local header = redis.call('HGET', job_key(id), 'header') or ''
  table.insert(listed, { id, string.match(header, '"kind":"([%w_]+)"') or '', string.match(header, '"tenant":"([%w_-]+)"') or '' })
end
return listed
