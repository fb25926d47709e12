/**
 * KEYS of every script: values (hash), names (sorted set, score 0), expiry (sorted set, milliseconds).
 * `alive` hides what has expired; writers also remove it, a hundred entries at a time.
 */
const prelude = `
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function drop(name)
  redis.call('HDEL', KEYS[1], name)
  redis.call('ZREM', KEYS[2], name)
  redis.call('ZREM', KEYS[3], name)
end
local function alive(name, at)
  local expiry = redis.call('ZSCORE', KEYS[3], name)
  return not expiry or tonumber(expiry) > at
end
local function read(name, at)
  if not alive(name, at) then return false end
  return redis.call('HGET', KEYS[1], name)
end
local function sweep(at)
  local gone = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', at, 'LIMIT', 0, 100)
  for _, name in ipairs(gone) do drop(name) end
end
`;

/** ARGV: name. Gives the value or nil. */
export const readScript = `${prelude}
return read(ARGV[1], now())`;

/** ARGV: name, value, ttl in milliseconds (0: none), mode (any, absent, equal), expected. Gives 1 when written. */
export const writeScript = `${prelude}
local at = now()
sweep(at)
if ARGV[4] ~= 'any' then
  local current = read(ARGV[1], at)
  if ARGV[4] == 'absent' and current then return 0 end
  if ARGV[4] == 'equal' and current ~= ARGV[5] then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
if tonumber(ARGV[3]) > 0 then
  redis.call('ZADD', KEYS[3], at + tonumber(ARGV[3]), ARGV[1])
else
  redis.call('ZREM', KEYS[3], ARGV[1])
end
return 1`;

/** ARGV: names. */
export const deleteScript = `${prelude}
for _, name in ipairs(ARGV) do drop(name) end
return #ARGV`;

/** ARGV: prefix. Gives name, value, name, value … in order. No byte of UTF-8 is above 0xf4, so 0xff ends the range. */
export const listScript = `${prelude}
local at = now()
local from, to = '-', '+'
if ARGV[1] ~= '' then
  from = '[' .. ARGV[1]
  to = '(' .. ARGV[1] .. string.char(255)
end
local found = {}
for _, name in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], from, to)) do
  local value = read(name, at)
  if value then
    found[#found + 1] = name
    found[#found + 1] = value
  end
end
return found`;
