#!lua name=wa_v1
-- The queue: one Redis list takes every accepted message; from there on the sender is the unit of work.
--
-- KEYS[1] is a shard's prefix, "{wa:p}:"; every key of a shard shares its hash tag, so one call touches one slot.
-- Redis functions do not roll back: things are added to where they go before they are removed from where they were, and
-- what makes a call unrepeatable is changed first: a sender's fence before its list. A call that an error cuts off may leave
-- a sender in two places or in none, which wa_repair mends; it loses no message.
-- Times are Redis' own (TIME), fences are microseconds of it, so that they keep growing when Redis loses its data.
--
-- {wa:p}:ctr also has `held`, how many messages wait in the senders' lists, and `paused`.
--
-- Envelope: v1 SEP MessageSid SEP sender SEP receivedMicros SEP correlation id SEP kind SEP raw body
--       or: v2 SEP MessageSid SEP sender SEP receivedMicros SEP correlation id SEP traceparent SEP kind SEP raw body
-- Dead letter: reason SEP error SEP deliveries SEP milliseconds SEP envelope
-- The revision is one more with every change; a newer one keeps the arguments and replies of the older one's functions.
local REVISION = 5
local SEP = '\31'
local BATCH = 64 -- leases reclaimed and delays promoted in one call
local MOST = 1000 -- of anything that one command takes
-- Arguments of commands are texts where there are many: a number would be printed as a floating-point one first.

local function now_us()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end

-- Calls with an array of arguments of any length.
local function spread(command, key, arguments)
  for i = 1, #arguments, MOST do
    redis.call(command, key, unpack(arguments, i, math.min(i + MOST - 1, #arguments)))
  end
end

-- The answers of a command that takes any number of keys or fields and answers each, `first` before them if that is given.
local function gather(command, first, arguments)
  local answers = {}
  for i = 1, #arguments, MOST do
    local last = math.min(i + MOST - 1, #arguments)
    local some
    if first then
      some = redis.call(command, first, unpack(arguments, i, last))
    else
      some = redis.call(command, unpack(arguments, i, last))
    end
    for j = 1, last - i + 1 do answers[i + j - 1] = some[j] end
  end
  return answers
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

-- The MessageSid and sender of an envelope, and where the rest begins; nil when it is none.
local function header(e)
  local version = string.sub(e, 1, 3)
  if version ~= 'v1' .. SEP and version ~= 'v2' .. SEP then return nil end
  local a = string.find(e, SEP, 4, true)
  local b = a and string.find(e, SEP, a + 1, true)
  if not b or a == 4 or b == a + 1 then return nil end
  return string.sub(e, 4, a - 1), string.sub(e, a + 1, b - 1), b + 1
end

-- The sets of MessageSids of this time window and the one before. A refused message has its SID there behind a '!'.
local function seen_sets(k, us, window)
  local number = math.floor(us / 1000 / window)
  return k .. 'dd:' .. number, k .. 'dd:' .. (number - 1), (number + 2) * window
end

-- Which of some SIDs these sets have, as the keys of a table.
local function members(sets, sids)
  local found = {}
  for _, set in ipairs(#sids > 0 and sets or {}) do
    for i, has in ipairs(redis.call('SMISMEMBER', set, unpack(sids))) do
      if has == 1 then found[sids[i]] = true end
    end
  end
  return found
end

-- Moves up to `most` envelopes from stage and in, in this order, to their senders' lists; senders that were idle
-- are added to `ready`. A message whose SID this time window or the one before has seen is dropped.
-- Answers how many it moved.
local function drain(k, us, most, window)
  local taken, duplicates, moved = 0, 0, 0
  local this, last, until_ms = seen_sets(k, us, window)
  for _, name in ipairs({ 'stage', 'in' }) do
    local source = k .. name
    local envelopes = taken < most and redis.call('LRANGE', source, 0, most - taken - 1) or {}
    if #envelopes > 0 then
      local sids, sid_of, sender_of = {}, {}, {}
      for i, e in ipairs(envelopes) do
        local sid, sender = header(e)
        sids[#sids + 1], sid_of[i], sender_of[i] = sid, sid, sender
      end
      local seen, by, order, idle, new = members({ this, last }, sids), {}, {}, {}, {}
      for i, e in ipairs(envelopes) do
        local sid, sender = sid_of[i], sender_of[i]
        if not sid then
          bury(k, us, e, 'malformed', 'not an envelope', 0)
        elseif seen[sid] then
          duplicates = duplicates + 1
        else
          seen[sid] = true
          new[#new + 1] = sid
          local mine = by[sender]
          if mine then
            mine[#mine + 1] = e
          else
            by[sender] = { e }
            order[#order + 1] = sender
          end
        end
      end
      for _, sender in ipairs(order) do
        moved = moved + #by[sender]
        -- A list that is as long as what was just pushed was empty: its sender was idle and gets its one place.
        if redis.call('RPUSH', k .. 'q:' .. sender, unpack(by[sender])) == #by[sender] then
          idle[#idle + 1] = sender
        end
      end
      spread('RPUSH', k .. 'ready', idle)
      spread('SADD', this, new)
      redis.call('LTRIM', source, #envelopes, -1)
      taken = taken + #envelopes
    end
  end
  if taken > 0 then redis.call('PEXPIREAT', this, string.format('%.0f', until_ms)) end
  count(k, 'drained', taken)
  count(k, 'duplicate', duplicates)
  return moved
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
-- Answers an array of {sender, fence, deliveries, state, messages}, and how many it buried.
local function claim(k, us, lease, senders, messages, most_deliveries)
  local claims, buried = {}, 0
  local picked = senders > 0 and redis.call('LRANGE', k .. 'ready', 0, senders - 1) or {}
  if #picked == 0 then return claims, buried end
  local ms = math.floor(us / 1000)
  local fence = math.max(us, tonumber(redis.call('HGET', k .. 'ctr', 'fence') or '0'))
  redis.call('HSET', k .. 'ctr', 'fence', string.format('%.0f', fence + #picked))
  local owned = redis.call('HMGET', k .. 'own', unpack(picked))
  local names = {}
  for i, sender in ipairs(picked) do names[i] = k .. 'state:' .. sender end
  local states = gather('MGET', nil, names)
  local leases, owners, disowned = {}, {}, {}
  local until_ms, last = string.format('%.0f', ms + lease), tostring(messages - 1)
  for i, sender in ipairs(picked) do
    local q, mine = k .. 'q:' .. sender, string.format('%d', fence + i)
    local deliveries = (tonumber(string.match(owned[i] or '', ':(%d+)$')) or 0) + 1
    if deliveries > most_deliveries then
      redis.call('HSET', k .. 'own', sender, mine .. ':0')
      local head = redis.call('LINDEX', q, 0)
      if head then
        bury(k, us, head, 'deliveries', 'delivered too often', deliveries - 1)
        buried = buried + 1
      end
      redis.call('LTRIM', q, 1, -1)
      deliveries = 1
    end
    local waiting = redis.call('LRANGE', q, '0', last)
    if #waiting == 0 then
      disowned[#disowned + 1] = sender
    else
      leases[#leases + 1] = until_ms
      leases[#leases + 1] = sender
      owners[#owners + 1] = sender
      owners[#owners + 1] = mine .. (deliveries == 1 and ':1' or ':' .. deliveries)
      claims[#claims + 1] = { sender, mine, deliveries, states[i] or '', waiting }
    end
  end
  spread('HSET', k .. 'own', owners)
  spread('ZADD', k .. 'lease', leases)
  spread('HDEL', k .. 'own', disowned)
  redis.call('LTRIM', k .. 'ready', #picked, -1)
  return claims, buried
end

-- Settles what finished. settlements: (sender fence done delay giveback state)*
--   done: how many messages leave the head; delay: milliseconds before the sender runs again, 0: at once;
--   giveback: 1 when this delivery does not count (shutdown, outage), and with no delay the sender keeps its turn;
--   state: stored when not empty.
-- Answers the senders whose fence was not the current one, for whom nothing was changed, and how many messages left.
local function settle(k, us, ttl, settlements)
  local ms = math.floor(us / 1000)
  local stale, ready, front, delayed, disowned, released, done_total = {}, {}, {}, {}, {}, {}, 0
  local senders, owned = {}, {}
  for i = 1, #settlements, 6 do senders[#senders + 1] = settlements[i] end
  for i, own in ipairs(gather('HMGET', k .. 'own', senders)) do owned[senders[i]] = own or '' end
  -- What holds, each with its queue and the deliveries that stay counted.
  local valid, queues, counts, fences = {}, {}, {}, {}
  for i = 1, #settlements, 6 do
    local sender, fence, done = settlements[i], settlements[i + 1], tonumber(settlements[i + 2])
    local giveback, state = settlements[i + 4] == '1', settlements[i + 5]
    local current, deliveries = string.match(owned[sender] or '', '^(%d+):(%d+)$')
    if current ~= fence then
      stale[#stale + 1] = sender
    else
      if state ~= '' then
        redis.call('SET', k .. 'state:' .. sender, state, 'EX', ttl)
      else
        redis.call('EXPIRE', k .. 'state:' .. sender, ttl)
      end
      local counted = done > 0 and 0 or math.max(0, tonumber(deliveries) - (giveback and 1 or 0))
      owned[sender] = counted == 0 and '0:0' or '0:' .. counted
      fences[#fences + 1] = sender
      fences[#fences + 1] = owned[sender]
      valid[#valid + 1], queues[#queues + 1], counts[#counts + 1] = i, k .. 'q:' .. sender, counted
      done_total = done_total + done
      released[#released + 1] = sender
    end
  end
  -- A settlement that is given twice, or again after an error, must not trim twice.
  spread('HSET', k .. 'own', fences)
  for n, q in ipairs(queues) do
    local done = settlements[valid[n] + 2]
    if tonumber(done) > 0 then redis.call('LTRIM', q, done, '-1') end
  end
  -- Most often no list is left, or each: then one question does.
  local left = 0
  for i = 1, #queues, MOST do left = left + redis.call('EXISTS', unpack(queues, i, math.min(i + MOST - 1, #queues))) end
  for n, q in ipairs(queues) do
    local i, sender = valid[n], settlements[valid[n]]
    local is_empty = left == 0
    if left > 0 and left < #queues then is_empty = redis.call('EXISTS', q) == 0 end
    if is_empty then
      disowned[#disowned + 1] = sender
    else
      local delay, giveback = tonumber(settlements[i + 3]), settlements[i + 4] == '1'
      if delay > 0 then
        delayed[#delayed + 1] = ms + delay
        delayed[#delayed + 1] = sender
      elseif giveback then
        front[#front + 1] = sender
      else
        ready[#ready + 1] = sender
      end
      if counts[n] == 0 then disowned[#disowned + 1] = sender end
    end
  end
  spread('RPUSH', k .. 'ready', ready)
  spread('LPUSH', k .. 'ready', front)
  spread('ZADD', k .. 'delay', delayed)
  spread('HDEL', k .. 'own', disowned)
  spread('ZREM', k .. 'lease', released)
  count(k, 'done', done_total)
  count(k, 'stale', #stale)
  return stale, done_total
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

-- While the queue is paused everything that is due is settled, reclaimed and promoted, but nothing is drained or claimed.
--
-- ARGV: lease ms, senders, messages a sender, envelopes to drain, dedup window ms, most deliveries, state TTL s,
--       then settlements (see settle).
-- Answers {stale senders, claims (see claim), milliseconds to the next due, leases reclaimed, duplicates dropped,
-- messages buried by this call, 1 when paused}.
local function settle_claim(keys, args)
  local k = keys[1]
  local us = now_us()
  local ms = math.floor(us / 1000)
  tally = {}
  local settlements = {}
  for i = 8, #args do settlements[#settlements + 1] = args[i] end
  local stale, done = settle(k, us, args[7], settlements)
  local claims, held, paused = {}, -done, 0
  if tonumber(args[2]) > 0 then
    reclaim(k, ms)
    promote(k, ms)
    paused = tonumber(redis.call('HGET', k .. 'ctr', 'paused') or '0')
    if paused == 0 then
      local moved = drain(k, us, math.min(tonumber(args[4]), MOST), tonumber(args[5]))
      local senders = math.min(tonumber(args[2]), MOST)
      local buried
      claims, buried = claim(k, us, tonumber(args[1]), senders, tonumber(args[3]), tonumber(args[6]))
      held = held + moved - buried
    end
  end
  if redis.call('EXISTS', k .. 'ready', k .. 'delay', k .. 'lease') == 0 then
    -- Nobody waits, so nothing does: whatever made the count wrong, it is right now.
    redis.call('HDEL', k .. 'ctr', 'held')
  elseif held ~= 0 then
    redis.call('HINCRBY', k .. 'ctr', 'held', held)
  end
  return { stale, claims, next_due(k, ms), tally.reclaimed or 0, tally.duplicate or 0, tally.dead or 0, paused }
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


-- Accepting

local SENDER_FULL = 1000000000
local MINUTE = 60000

-- How long the sender has to wait for room in its allowance, in ms; 0 when the message is within, and then counted.
-- GCRA: the key goes when all that was accepted is paid for. A minute's worth is let through at once, then one message
-- an interval. A time too far ahead is from a clock that has been put back.
local function over_allowance(k, sender, allowance)
  local key, interval = k .. 'rate:' .. sender, math.max(1, math.floor(MINUTE / allowance))
  local ahead = redis.call('PTTL', key)
  if ahead > MINUTE then
    redis.call('PEXPIRE', key, MINUTE)
    ahead = MINUTE
  end
  ahead = math.max(0, ahead) + interval
  if ahead > MINUTE then return ahead - MINUTE end
  redis.call('PSETEX', key, ahead, '')
  return 0
end

-- Remembers a refused message, so that nobody fetches it later, and once a minute has the sender told: answers the notice.
local function refuse(k, window, envelope, sender)
  local sid, _, rest = header(envelope)
  if not sid then return nil end
  local this, _, until_ms = seen_sets(k, now_us(), window)
  redis.call('SADD', this, '!' .. sid)
  redis.call('PEXPIREAT', this, string.format('%.0f', until_ms))
  if redis.call('SET', k .. 'rate:' .. sender .. ':notice', 1, 'PX', 60000, 'NX') then
    -- What the notice has of the message: receipt and correlation id, and in v2 the trace.
    local version = string.sub(envelope, 1, 2)
    local field = '([^' .. SEP .. ']*)' .. SEP
    local micros, correlation, trace = string.match(envelope, '^' .. field .. field .. field, rest)
    local origin = version == 'v2' and correlation .. SEP .. trace or correlation
    local notice = { version, 'throttled:' .. sid, sender, micros, origin, 'event', '{"type":"sender.throttled"}' }
    return table.concat(notice, SEP)
  end
end

-- ARGV: most in the sender's list, most in the shard, dedup window ms, then (envelope, sender, messages a minute)*, where
-- 0 a minute is any number.
-- Answers for each how many messages wait in the shard, this one included; 0 when it is full; minus the milliseconds to
-- wait when the sender sends too much, and -SENDER_FULL when too much of it waits already.
local function accept_each(keys, args)
  local k, per_sender, most, window = keys[1], tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
  local held = math.max(0, tonumber(redis.call('HGET', k .. 'ctr', 'held') or '0'))
  local waiting = held + redis.call('LLEN', k .. 'in')
  local answers, pushed = {}, {}
  local function push(envelope)
    pushed[#pushed + 1] = envelope
    waiting = waiting + 1
  end
  for i = 4, #args, 3 do
    local envelope, sender, allowance, wait = args[i], args[i + 1], tonumber(args[i + 2]), 0
    if waiting >= most then
      answers[#answers + 1] = 0
    else
      if allowance > 0 then
        -- A sender's list is no longer than what all of them hold.
        local is_full = held >= per_sender and redis.call('LLEN', k .. 'q:' .. sender) >= per_sender
        wait = is_full and SENDER_FULL or over_allowance(k, sender, allowance)
      end
      if wait > 0 then
        local notice = refuse(k, window, envelope, sender)
        if notice then push(notice) end
        answers[#answers + 1] = -wait
      else
        push(envelope)
        answers[#answers + 1] = waiting
      end
    end
  end
  spread('RPUSH', k .. 'in', pushed)
  return answers
end

-- ARGV: envelope, sender, messages a minute, most in the sender's list, most in the shard, dedup window ms.
-- Accepts one as accept_each does; for callers of a revision before 5.
local function accept(keys, args)
  return accept_each(keys, { args[4], args[5], args[6], args[1], args[2], args[3] })[1]
end

-- Operating

local COUNTERS = { 'drained', 'done', 'duplicate', 'stale', 'reclaimed', 'dead' }

-- When the message at the head of a list was received, in microseconds; nil when there is none.
local function received(list)
  local head = redis.call('LINDEX', list, 0)
  if not head then return nil end
  local sid, _, rest = header(head)
  return sid and tonumber(string.match(head, '^%d+', rest))
end

-- Answers {in, stage, ready, delay, lease, dead, held, 1 when paused, receipt of the oldest message in microseconds
-- (0: none waits), then the totals of COUNTERS}. Of many senders the first BATCH of each list are looked at.
local function stats(keys)
  local k = keys[1]
  local oldest = math.huge
  local function look(list) oldest = math.min(oldest, received(list) or math.huge) end
  look(k .. 'stage')
  look(k .. 'in')
  local samples = {
    redis.call('LRANGE', k .. 'ready', 0, BATCH - 1), redis.call('ZRANGE', k .. 'lease', 0, BATCH - 1),
    redis.call('ZRANGE', k .. 'delay', 0, BATCH - 1),
  }
  for _, senders in ipairs(samples) do
    for _, sender in ipairs(senders) do look(k .. 'q:' .. sender) end
  end
  local fields = redis.call('HMGET', k .. 'ctr', 'held', 'paused', unpack(COUNTERS))
  local answer = {
    redis.call('LLEN', k .. 'in'), redis.call('LLEN', k .. 'stage'), redis.call('LLEN', k .. 'ready'),
    redis.call('ZCARD', k .. 'delay'), redis.call('ZCARD', k .. 'lease'), redis.call('LLEN', k .. 'dead'),
    math.max(0, tonumber(fields[1] or '0')), tonumber(fields[2] or '0'), oldest < math.huge and oldest or 0,
  }
  for i = 1, #COUNTERS do answer[#answer + 1] = tonumber(fields[i + 2] or '0') end
  return answer
end

-- ARGV: dedup window ms, then SIDs. Answers for each what became of it in the last one to two windows: '', 'accepted' or
-- 'refused'. What was drained at any time was accepted, though it was refused at another.
local function seen(keys, args)
  local this, last = seen_sets(keys[1], now_us(), tonumber(args[1]))
  local answers = {}
  for i = 2, #args do
    local answer = ''
    for _, mark in ipairs({ args[i], '!' .. args[i] }) do
      if answer == '' and (redis.call('SISMEMBER', this, mark) == 1 or redis.call('SISMEMBER', last, mark) == 1) then
        answer = mark == args[i] and 'accepted' or 'refused'
      end
    end
    answers[#answers + 1] = answer
  end
  return answers
end

local SEARCHED = 20000 -- dead letters looked at in one call, from the oldest
local TAKEN = SEP .. 'taken'

-- The envelope of a dead letter, behind its four fields.
local function envelope_of(letter)
  local at = 0
  for _ = 1, 4 do
    at = string.find(letter, SEP, at + 1, true)
    if not at then return '' end
  end
  return string.sub(letter, at + 1)
end

-- Takes off the dead list what `wanted` has as a key, by its SID or whole. Answers how many.
local function take_dead(k, wanted)
  local dead, taken = k .. 'dead', 0
  local last = math.min(redis.call('LLEN', dead), SEARCHED) - 1
  for first = 0, last, BATCH do
    for i, letter in ipairs(redis.call('LRANGE', dead, first, math.min(first + BATCH - 1, last))) do
      local sid = header(envelope_of(letter))
      if wanted[letter] or (sid and wanted[sid]) then
        -- Positions stay as they are until all have been found.
        redis.call('LSET', dead, first + i - 1, TAKEN)
        taken = taken + 1
      end
    end
  end
  if taken > 0 then redis.call('LREM', dead, 0, TAKEN) end
  return taken
end

-- ARGV: dedup window ms, then envelopes. Pushes them as if they were new, and takes what has their SIDs off the dead list.
-- Answers how many were pushed; what is no envelope is left out.
local function replay(keys, args)
  local k, pushed, wanted = keys[1], 0, {}
  local this, last = seen_sets(k, now_us(), tonumber(args[1]))
  for i = 2, #args do
    local sid = header(args[i])
    if sid then
      redis.call('RPUSH', k .. 'in', args[i])
      redis.call('SREM', this, sid, '!' .. sid)
      redis.call('SREM', last, sid, '!' .. sid)
      wanted[sid] = true
      pushed = pushed + 1
    end
  end
  if pushed > 0 then take_dead(k, wanted) end
  return pushed
end

-- ARGV: SIDs, or whole dead letters where they have none. Answers how many were taken off the dead list.
local function discard(keys, args)
  local wanted = {}
  for i = 1, #args do wanted[args[i]] = true end
  return take_dead(keys[1], wanted)
end

-- ARGV: 1 or 0.
local function pause(keys, args)
  if args[1] == '1' then
    redis.call('HSET', keys[1] .. 'ctr', 'paused', 1)
  else
    redis.call('HDEL', keys[1] .. 'ctr', 'paused')
  end
  return 'OK'
end

-- ARGV: a cursor, 0 at first. Answers {the next cursor, senders that have a list}.
local function senders(keys, args)
  local prefix = keys[1] .. 'q:'
  local page = redis.call('SCAN', args[1], 'MATCH', prefix .. '*', 'COUNT', MOST)
  local found = {}
  for _, key in ipairs(page[2]) do found[#found + 1] = string.sub(key, #prefix + 1) end
  return { page[1], found }
end

-- Puts right, for one sender, that it is in exactly one of ready, lease and delay when it has messages and in none when
-- it has not, and in lease exactly when its fence is not 0. `places` is how often it is in ready;
-- `change` writes, or does not where it is only to be told what is wrong.
local function repair_one(k, sender, places, mended, change)
  local function note(what) mended[what] = (mended[what] or 0) + 1 end
  local owned = redis.call('HGET', k .. 'own', sender)
  local fence, deliveries = string.match(owned or '', '^(%d+):(%d+)$')
  local leased = redis.call('ZSCORE', k .. 'lease', sender) and true or false
  local delayed = redis.call('ZSCORE', k .. 'delay', sender) and true or false

  if redis.call('LLEN', k .. 'q:' .. sender) == 0 then
    if places > 0 or leased or delayed or owned then
      note('empty')
      change('LREM', k .. 'ready', 0, sender)
      change('ZREM', k .. 'lease', sender)
      change('ZREM', k .. 'delay', sender)
      change('HDEL', k .. 'own', sender)
    end
    return
  end

  local holds = leased and fence and fence ~= '0'
  if not holds and not delayed and places == 0 then
    change('RPUSH', k .. 'ready', sender)
    places = 1
    if not leased then note('unplaced') end
  end
  if owned and not fence then
    note('owner')
    change('HDEL', k .. 'own', sender)
  elseif fence and fence ~= '0' and not leased then
    note('unleased')
    change('HSET', k .. 'own', sender, '0:' .. deliveries)
  end
  if leased and not holds then
    note('unowned')
    change('ZREM', k .. 'lease', sender)
  end
  -- One place is enough: a holder's is its lease, a place in the ring comes before a pause.
  local keep = holds and 0 or 1
  if places > keep then
    note('surplus')
    change('LREM', k .. 'ready', keep - places, sender)
  end
  if delayed and (holds or places > 0) then
    note('surplus')
    change('ZREM', k .. 'delay', sender)
  end
end

local MENDED = { 'empty', 'unplaced', 'owner', 'unleased', 'unowned', 'surplus' }

-- ARGV: senders. Answers how often each of MENDED was found and put right:
--   empty     without messages, but with a place, a lease, a pause or an owner
--   unplaced  with messages, but nobody would ever have claimed them
--   owner     an owner that cannot be read
--   unleased  an owner without a lease, which would never have run out
--   unowned   a lease without an owner
--   surplus   in the ring twice, or also leased or paused
local function repair(keys, args, change)
  local k, places, mended = keys[1], {}, {}
  for i = 1, #args do places[args[i]] = 0 end
  for first = 0, redis.call('LLEN', k .. 'ready') - 1, MOST do
    for _, sender in ipairs(redis.call('LRANGE', k .. 'ready', first, first + MOST - 1)) do
      if places[sender] then places[sender] = places[sender] + 1 end
    end
  end
  for sender, number in pairs(places) do repair_one(k, sender, number, mended, change) end
  local answer = {}
  for i, what in ipairs(MENDED) do answer[i] = mended[what] or 0 end
  return answer
end

-- allow-oom: a full Redis can always be drained and mended. What takes in new messages has no such flag.
local frees, reads = { 'allow-oom' }, { 'no-writes' }
redis.register_function { function_name = 'wa_settle_claim', callback = settle_claim, flags = frees }
redis.register_function { function_name = 'wa_heartbeat', callback = heartbeat, flags = frees }
redis.register_function { function_name = 'wa_accept', callback = accept }
redis.register_function { function_name = 'wa_accept_each', callback = accept_each }
redis.register_function { function_name = 'wa_replay', callback = replay }
redis.register_function { function_name = 'wa_discard', callback = discard, flags = frees }
redis.register_function { function_name = 'wa_pause', callback = pause, flags = frees }
redis.register_function {
  function_name = 'wa_repair', callback = function(keys, args) return repair(keys, args, redis.call) end, flags = frees,
}
redis.register_function {
  function_name = 'wa_examine', callback = function(keys, args) return repair(keys, args, function() end) end, flags = reads,
}
redis.register_function { function_name = 'wa_stats', callback = stats, flags = reads }
redis.register_function { function_name = 'wa_seen', callback = seen, flags = reads }
redis.register_function { function_name = 'wa_senders', callback = senders, flags = reads }
redis.register_function { function_name = 'wa_revision', callback = function() return REVISION end, flags = reads }
