#!lua name=wa_send_v1
-- The rate at which all workers together may send: slots in time, of which callers are given the next ones.
--
-- KEYS[1] is the hash {wa:send}:bucket. Times are microseconds of Redis' own clock (TIME). Its fields:
--   next    when the next slot begins
--   share   of the configured rate, as of `slowed`; from then on it recovers
--   slowed  when the share was last written
--   halved  when the share was last halved; `slowed` moves on with every change of it
--   paused  before this moment there are no slots
-- A bucket that is not there is one that has rested: the key expires when it says nothing more.
local REVISION = 1
local BURST = 100000           -- microseconds of slots that a bucket at rest hands out at once
local RECOVERY = 0.05          -- of the configured rate is regained each second: after one halving, all of it in 10 s
local FLOOR = 0.0625           -- the least share
local HOLD = 1000000           -- refusals within a second are one sign: the share is halved once
local LONGEST_PAUSE = 600000000

local function now_us()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end

local function read(key, us)
  local v = redis.call('HMGET', key, 'next', 'share', 'slowed', 'paused')
  local slowed = math.min(tonumber(v[3]) or 0, us)
  local share = math.min(1, (tonumber(v[2]) or 1) + RECOVERY * (us - slowed) / 1000000)
  -- A clock that was set back must not leave a pause of days behind.
  return { next = tonumber(v[1]) or 0, share = share, slowed = slowed, paused = math.min(tonumber(v[4]) or 0, us + LONGEST_PAUSE) }
end

local function write(key, us, b, share)
  redis.call('HSET', key, 'next', string.format('%.0f', b.next), 'share', string.format('%.6f', share),
    'slowed', string.format('%.0f', b.slowed), 'paused', string.format('%.0f', b.paused))
  local rested = math.max(b.next - us, b.paused - us, (1 - b.share) / RECOVERY * 1000000, 0)
  redis.call('PEXPIRE', key, math.ceil(rested / 1000) + 1000)
end

-- ARGV: messages a second, slots wanted, microseconds that the caller would wait for one at most.
-- Answers {slots given, microseconds until the first, microseconds from one to the next, share in thousandths};
-- what was not given begins at the next of them.
local function take(keys, args)
  local us = now_us()
  local rate, wanted, horizon = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
  local b = read(keys[1], us)
  local interval = 1000000 / (rate * b.share)
  -- Nothing was ever given beyond the horizon.
  local first = math.max(math.min(b.next, us + horizon + interval), us - BURST, b.paused)
  local given = math.max(0, math.min(wanted, math.floor((us + horizon - first) / interval) + 1))
  if given > 0 then
    b.next = first + given * interval
    -- The share is stored as of now, so that it is not regained twice.
    b.slowed = b.share < 1 and us or b.slowed
    write(keys[1], us, b, b.share)
  end
  return { given, math.ceil(first - us), math.ceil(interval), math.floor(b.share * 1000) }
end

-- ARGV: microseconds during which nobody may send. The provider has said that it was too much.
-- Answers the share in thousandths.
local function slow(keys, args)
  local us = now_us()
  local b = read(keys[1], us)
  local halved = redis.call('HGET', keys[1], 'halved')
  if not halved or us - tonumber(halved) >= HOLD or tonumber(halved) > us then
    b.share = math.max(FLOOR, b.share / 2)
    redis.call('HSET', keys[1], 'halved', string.format('%.0f', us))
  end
  b.slowed = us
  b.paused = math.max(b.paused, us + math.min(tonumber(args[1]), LONGEST_PAUSE))
  write(keys[1], us, b, b.share)
  return math.floor(b.share * 1000)
end

-- allow-oom: a full Redis is drained by sending.
redis.register_function { function_name = 'wa_send_take', callback = take, flags = { 'allow-oom' } }
redis.register_function { function_name = 'wa_send_slow', callback = slow, flags = { 'allow-oom' } }
redis.register_function { function_name = 'wa_send_revision', callback = function() return REVISION end, flags = { 'allow-oom', 'no-writes' } }
