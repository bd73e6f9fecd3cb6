#!lua name=wa_v1
-- The queue: one Redis list takes every accepted message; from there on the sender is the unit of work.
--
-- KEYS[1] is a shard's prefix, "{wa:p}:"; every key of a shard shares its hash tag, so one call touches one slot.
-- Redis functions do not roll back: things are added to where they go before they are removed from where they were.
-- Times are Redis' own (TIME), fences are microseconds of it, so that they keep growing when Redis loses its data.
--
-- Envelope: v1 SEP MessageSid SEP sender SEP receivedMicros SEP correlation id SEP kind SEP raw body
-- Dead letter: reason SEP error SEP deliveries SEP milliseconds SEP envelope
-- The revision is one more with every change; a newer one keeps the arguments and replies of the older one's functions.
local REVISION = 1
local SEP = '\31'
local BATCH = 64 -- leases reclaimed and delays promoted in one call

local function now_us()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end

-- Calls with an array of arguments of any length.
local function spread(command, key, arguments)
  for i = 1, #arguments, 1000 do
    redis.call(command, key, unpack(arguments, i, math.min(i + 999, #arguments)))
  end
end

-- What this call did, told to its caller; the hash keeps the totals.
local tally = {}

local function count(k, counter, n)
  if n == 0 then return end
  redis.call('HINCRBY', k .. 'ctr', counter, n)
  tally[counter] = (tally[counter] or 0) + n
end

local function bury(k, us, envelope, reason, err, deliveries)
  local at = string.format('%.0f', math.floor(us / 1000))
  redis.call('RPUSH', k .. 'dead', table.concat({ reason, err, deliveries, at, envelope }, SEP))
  count(k, 'dead', 1)
end

-- The MessageSid and sender of an envelope; nil when it is none.
local function header(e)
  if string.sub(e, 1, 3) ~= 'v1' .. SEP then return nil end
  local a = string.find(e, SEP, 4, true)
  local b = a and string.find(e, SEP, a + 1, true)
  if not b or a == 4 or b == a + 1 then return nil end
  return string.sub(e, 4, a - 1), string.sub(e, a + 1, b - 1)
end

-- Moves up to `most` envelopes from stage and in, in this order, to their senders' lists; senders that were idle
-- are added to `ready`. A message whose SID this time window or the one before has seen is dropped.
local function drain(k, us, most, window, ready)
  local taken, duplicates = 0, 0
  local this, last
  for _, name in ipairs({ 'stage', 'in' }) do
    local source = k .. name
    local envelopes = taken < most and redis.call('LRANGE', source, 0, most - taken - 1) or {}
    if #envelopes > 0 then
      if not this then
        local number = math.floor(us / 1000 / window)
        this, last = k .. 'dd:' .. number, k .. 'dd:' .. (number - 1)
        if redis.call('EXISTS', last) == 0 then last = nil end
      end
      local by, order = {}, {}
      for _, e in ipairs(envelopes) do
        local sid, sender = header(e)
        if not sid then
          bury(k, us, e, 'malformed', 'not an envelope', 0)
        elseif (last and redis.call('SISMEMBER', last, sid) == 1) or redis.call('SADD', this, sid) == 0 then
          duplicates = duplicates + 1
        else
          if not by[sender] then
            by[sender] = {}
            order[#order + 1] = sender
          end
          table.insert(by[sender], e)
        end
      end
      for _, sender in ipairs(order) do
        -- A list that is as long as what was just pushed was empty: its sender was idle and gets its one place.
        if redis.call('RPUSH', k .. 'q:' .. sender, unpack(by[sender])) == #by[sender] then
          ready[#ready + 1] = sender
        end
      end
      redis.call('LTRIM', source, #envelopes, -1)
      taken = taken + #envelopes
    end
  end
  if this then redis.call('PEXPIRE', this, window * 2, 'NX') end
  count(k, 'drained', taken)
  count(k, 'duplicate', duplicates)
end

-- Puts senders whose lease has run out at the front of the ring; their deliveries stay counted.
local function reclaim(k, ms)
  local lapsed = redis.call('ZRANGEBYSCORE', k .. 'lease', '-inf', ms, 'LIMIT', 0, BATCH)
  if #lapsed == 0 then return end
  local owned = redis.call('HMGET', k .. 'own', unpack(lapsed))
  local disowned = {}
  for i = #lapsed, 1, -1 do
    redis.call('LPUSH', k .. 'ready', lapsed[i])
    disowned[#disowned + 1] = lapsed[i]
    disowned[#disowned + 1] = '0:' .. (string.match(owned[i] or '', ':(%d+)$') or '0')
  end
  spread('HSET', k .. 'own', disowned)
  spread('ZREM', k .. 'lease', lapsed)
  count(k, 'reclaimed', #lapsed)
end

local function promote(k, ms)
  local due = redis.call('ZRANGEBYSCORE', k .. 'delay', '-inf', ms, 'LIMIT', 0, BATCH)
  spread('RPUSH', k .. 'ready', due)
  spread('ZREM', k .. 'delay', due)
end

-- Leases up to `senders` of the ring's first; a head delivered too often goes to the dead list first.
-- Answers an array of {sender, fence, deliveries, state, messages}.
local function claim(k, us, lease, senders, messages, most_deliveries)
  local claims = {}
  local picked = senders > 0 and redis.call('LPOP', k .. 'ready', senders) or nil
  if not picked then return claims end
  local ms = math.floor(us / 1000)
  local fence = math.max(us, tonumber(redis.call('HGET', k .. 'ctr', 'fence') or '0'))
  redis.call('HSET', k .. 'ctr', 'fence', string.format('%.0f', fence + #picked))
  local owned = redis.call('HMGET', k .. 'own', unpack(picked))
  local leases, owners, disowned = {}, {}, {}
  for i, sender in ipairs(picked) do
    local q = k .. 'q:' .. sender
    local deliveries = (tonumber(string.match(owned[i] or '', ':(%d+)$')) or 0) + 1
    if deliveries > most_deliveries then
      local head = redis.call('LINDEX', q, 0)
      if head then bury(k, us, head, 'deliveries', 'delivered too often', deliveries - 1) end
      redis.call('LTRIM', q, 1, -1)
      deliveries = 1
    end
    local waiting = redis.call('LRANGE', q, 0, messages - 1)
    if #waiting == 0 then
      disowned[#disowned + 1] = sender
    else
      local mine = string.format('%.0f', fence + i)
      leases[#leases + 1] = ms + lease
      leases[#leases + 1] = sender
      owners[#owners + 1] = sender
      owners[#owners + 1] = mine .. ':' .. deliveries
      local state = redis.call('GET', k .. 'state:' .. sender) or ''
      claims[#claims + 1] = { sender, mine, deliveries, state, waiting }
    end
  end
  spread('HSET', k .. 'own', owners)
  spread('ZADD', k .. 'lease', leases)
  spread('HDEL', k .. 'own', disowned)
  return claims
end

-- Settles what finished. settlements: (sender fence done delay giveback state)*
--   done: how many messages leave the head; delay: milliseconds before the sender runs again, 0: at once;
--   giveback: 1 when this delivery does not count (shutdown, outage), and with no delay the sender keeps its turn;
--   state: stored when not empty.
-- Answers the senders whose fence was not the current one: for them nothing was changed.
local function settle(k, us, ttl, settlements)
  local ms = math.floor(us / 1000)
  local stale, ready, front, delayed, owners, disowned, released, done_total = {}, {}, {}, {}, {}, {}, {}, 0
  for i = 1, #settlements, 6 do
    local sender, fence, done, delay = settlements[i], settlements[i + 1], tonumber(settlements[i + 2]), tonumber(settlements[i + 3])
    local giveback, state = settlements[i + 4] == '1', settlements[i + 5]
    local current, deliveries = string.match(redis.call('HGET', k .. 'own', sender) or '', '^(%d+):(%d+)$')
    if current ~= fence then
      stale[#stale + 1] = sender
    else
      if state ~= '' then
        redis.call('SET', k .. 'state:' .. sender, state, 'EX', ttl)
      else
        redis.call('EXPIRE', k .. 'state:' .. sender, ttl)
      end
      local q = k .. 'q:' .. sender
      if done > 0 then redis.call('LTRIM', q, done, -1) end
      done_total = done_total + done
      released[#released + 1] = sender
      if redis.call('EXISTS', q) == 0 then
        disowned[#disowned + 1] = sender
      else
        local counted = done > 0 and 0 or tonumber(deliveries) - (giveback and 1 or 0)
        if delay > 0 then
          delayed[#delayed + 1] = ms + delay
          delayed[#delayed + 1] = sender
        elseif giveback then
          front[#front + 1] = sender
        else
          ready[#ready + 1] = sender
        end
        if counted > 0 then
          owners[#owners + 1] = sender
          owners[#owners + 1] = '0:' .. counted
        else
          disowned[#disowned + 1] = sender
        end
      end
    end
  end
  spread('RPUSH', k .. 'ready', ready)
  spread('LPUSH', k .. 'ready', front)
  spread('ZADD', k .. 'delay', delayed)
  spread('HSET', k .. 'own', owners)
  spread('HDEL', k .. 'own', disowned)
  spread('ZREM', k .. 'lease', released)
  count(k, 'done', done_total)
  count(k, 'stale', #stale)
  return stale
end

-- Milliseconds until a lease runs out or a delay is over; -1 when there is neither.
local function next_due(k, ms)
  local soonest
  for _, name in ipairs({ 'lease', 'delay' }) do
    local first = redis.call('ZRANGE', k .. name, 0, 0, 'WITHSCORES')
    if first[2] and (not soonest or tonumber(first[2]) < soonest) then soonest = tonumber(first[2]) end
  end
  return soonest and math.max(0, soonest - ms) or -1
end

-- ARGV: lease ms, senders, messages a sender, envelopes to drain, dedup window ms, most deliveries, state TTL s,
--       then settlements (see settle).
-- Answers {stale senders, claims (see claim), milliseconds to the next due, leases reclaimed, duplicates dropped,
-- messages buried by this call, {lengths: in and stage, ready, delay, lease, dead}}.
local function settle_claim(keys, args)
  local k = keys[1]
  local us = now_us()
  local ms = math.floor(us / 1000)
  tally = {}
  local settlements = {}
  for i = 8, #args do settlements[#settlements + 1] = args[i] end
  local stale = settle(k, us, tonumber(args[7]), settlements)
  local claims = {}
  if tonumber(args[2]) > 0 then
    reclaim(k, ms)
    promote(k, ms)
    local ready = {}
    drain(k, us, tonumber(args[4]), tonumber(args[5]), ready)
    spread('RPUSH', k .. 'ready', ready)
    claims = claim(k, us, tonumber(args[1]), tonumber(args[2]), tonumber(args[3]), tonumber(args[6]))
  end
  local lengths = {
    redis.call('LLEN', k .. 'in') + redis.call('LLEN', k .. 'stage'), redis.call('LLEN', k .. 'ready'),
    redis.call('ZCARD', k .. 'delay'), redis.call('ZCARD', k .. 'lease'), redis.call('LLEN', k .. 'dead'),
  }
  return { stale, claims, next_due(k, ms), tally.reclaimed or 0, tally.duplicate or 0, tally.dead or 0, lengths }
end

-- ARGV: lease ms, then (sender fence)*. Extends the leases still held and answers the senders of those that are lost.
local function heartbeat(keys, args)
  local k = keys[1]
  local until_ms = math.floor(now_us() / 1000) + tonumber(args[1])
  local lost = {}
  for i = 2, #args, 2 do
    local current = string.match(redis.call('HGET', k .. 'own', args[i]) or '', '^(%d+):')
    if current == args[i + 1] then
      redis.call('ZADD', k .. 'lease', 'XX', until_ms, args[i])
    else
      lost[#lost + 1] = args[i]
    end
  end
  return lost
end

-- allow-oom: a full Redis can always be drained.
redis.register_function { function_name = 'wa_settle_claim', callback = settle_claim, flags = { 'allow-oom' } }
redis.register_function { function_name = 'wa_heartbeat', callback = heartbeat, flags = { 'allow-oom' } }
redis.register_function { function_name = 'wa_revision', callback = function() return REVISION end, flags = { 'no-writes' } }
