-- Deletes the results stream of a tenant that was removed, once it is empty.
--
-- Arguments: tenant.
local tenant = ARGV[1]
local is_back = redis.call('SISMEMBER', P .. 'tenants', tenant) == 1
if not is_back and redis.call('XLEN', P .. 'results:' .. tenant) > 0 then return end
if not is_back then redis.call('UNLINK', P .. 'results:' .. tenant) end
redis.call('SREM', P .. 'removed-tenants', tenant)
