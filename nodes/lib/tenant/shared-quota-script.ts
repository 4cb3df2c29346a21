/**
 * One step of the shared quota's bookkeeping, atomic, on Redis' own clock. It keeps
 *
 *     reservoir (what is free) + ledger (what is spent) = quota
 *
 * KEYS: 1 ledger (zset `<uuid>|<alerts>`, score = when it comes back), 2 leak (hash), 3 Bottleneck's settings (hash)
 * ARGV: 1 quota, 2 leak time ms, 3 time to live ms, 4 number of releases, then the members to release,
 *       then pairs of a member and the milliseconds after which it comes back
 * Returns: alerts that became free, alerts spent, milliseconds until the next share comes back (-1: none)
 *
 * Between Bottleneck's taking from the reservoir and our note in the ledger an instance may die: the sum is then too
 * small for ever. What is missing at every look over `leak time` belongs to no take under way, and is given back. A sum
 * that is too large (Bottleneck's keys expired or were lost, and began full) is cut at once.
 */
export const KEEP_BOOKS = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local whole = function (number) return string.format('%d', number) end
local alerts_of = function (member) return tonumber(string.match(member, '|(%d+)$')) or 0 end
local freed = 0

local first = 5 + tonumber(ARGV[4])
for i = 5, first - 1 do
  if redis.call('zrem', KEYS[1], ARGV[i]) == 1 then freed = freed + alerts_of(ARGV[i]) end
end
for i = first, #ARGV, 2 do
  redis.call('zadd', KEYS[1], whole(now + tonumber(ARGV[i + 1])), ARGV[i])
end
for _, member in ipairs(redis.call('zrangebyscore', KEYS[1], '-inf', whole(now))) do
  redis.call('zrem', KEYS[1], member)
  freed = freed + alerts_of(member)
end

local spent = 0
for _, member in ipairs(redis.call('zrange', KEYS[1], 0, -1)) do spent = spent + alerts_of(member) end

local reservoir = tonumber(redis.call('hget', KEYS[3], 'reservoir') or nil)
if reservoir then
  reservoir = reservoir + freed
  local missing = tonumber(ARGV[1]) - spent - reservoir
  if missing <= 0 then
    reservoir = reservoir + missing
    redis.call('del', KEYS[2])
  else
    local leak = redis.call('hmget', KEYS[2], 'since', 'least')
    local since = tonumber(leak[1] or now)
    local least = math.min(tonumber(leak[2] or missing), missing)
    if now - since >= tonumber(ARGV[2]) then
      reservoir = reservoir + least
      freed = freed + least
      redis.call('del', KEYS[2])
    else
      redis.call('hset', KEYS[2], 'since', whole(since), 'least', whole(least))
      redis.call('pexpire', KEYS[2], ARGV[3])
    end
  end
  redis.call('hset', KEYS[3], 'reservoir', whole(reservoir))
end

redis.call('pexpire', KEYS[1], ARGV[3])
local due = redis.call('zrange', KEYS[1], 0, 0, 'withscores')
return { freed, spent, due[2] and tonumber(due[2]) - now or -1 }`;
