/*
 * Lua scripts of the Redis store; each runs as one step that no other client can come between.
 * KEYS: 1 <prefix>keys (zset, all scores 0: sorted by name), 2 <prefix>values (hash), 3 <prefix>owner (lease),
 * 4 <prefix>hands (hash: last instance, number of changes of hands).
 */

/** ARGV: instance, token, leaseMs. Returns the epoch, or nothing when another instance holds the lease. */
export const ACQUIRE = `
local owner = redis.call('get', KEYS[3])
local mine = ARGV[1] .. '/'
if owner and string.sub(owner, 1, #mine) ~= mine then return false end
redis.call('set', KEYS[3], mine .. ARGV[2], 'PX', ARGV[3])
if redis.call('hget', KEYS[4], 'instance') ~= ARGV[1] then
  redis.call('hset', KEYS[4], 'instance', ARGV[1])
  redis.call('hincrby', KEYS[4], 'epoch', 1)
end
return redis.call('hget', KEYS[4], 'epoch')`;

/** Scripts that only the owner may run; ARGV 1: instance/token. */
const fenced = (body: string): string => `
if redis.call('get', KEYS[3]) ~= ARGV[1] then return redis.error_reply('NOTOWNER another instance owns the store') end
${body}`;

/** ARGV: 2 leaseMs. */
export const RENEW = fenced(`return redis.call('pexpire', KEYS[3], ARGV[2])`);

export const RELEASE = fenced(`return redis.call('del', KEYS[3])`);

/** ARGV: from 2 on, triples "put", key, value or "del", key, "". */
export const WRITE = fenced(`
for i = 2, #ARGV, 3 do
  if ARGV[i] == 'put' then
    redis.call('zadd', KEYS[1], 0, ARGV[i + 1])
    redis.call('hset', KEYS[2], ARGV[i + 1], ARGV[i + 2])
  else
    redis.call('zrem', KEYS[1], ARGV[i + 1])
    redis.call('hdel', KEYS[2], ARGV[i + 1])
  end
end
return 1`);

/** ARGV: 2 key. */
export const GET = fenced(`return redis.call('hget', KEYS[2], ARGV[2])`);

/** ARGV: 2 lower bound, 3 upper bound, 4 limit or -1. Returns key, value, key, value ... */
export const READ = fenced(`
local rows = {}
for _, key in ipairs(redis.call('zrangebylex', KEYS[1], ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])) do
  local value = redis.call('hget', KEYS[2], key)
  if value then
    rows[#rows + 1] = key
    rows[#rows + 1] = value
  end
end
return rows`);
