#!lua name=wa_outbox_v1
-- Adds events of one shard to the stream and remembers, in the same step, how far it got (the mark): who calls again
-- with what was added before, the relay after a crash or one whose lease is long lost, adds nothing.
--
-- KEYS: the stream; the hash of marks of one log, in the stream's hash slot: a shard's mark, and in "<shard>:id" the mark
-- and the id of the event it stands on.
-- ARGV: the shard; its cursor in the log; the source; then FIELDS values an event, in order, all above the cursor.
-- Answers {verdict, mark, number added}:
--   added    the mark is at or above the last event given
--   behind   the mark is below the cursor: this Redis lost what it had; nothing was added
--   ahead    the mark is above all events given: whether the log has it is for the caller to find out; nothing was added
--   unknown  the mark is among the events given but none of them, or one with another id: it is of another history;
--            nothing was added
-- The revision is one more with every change.
local REVISION = 2
local FIELDS = 8 -- sequence, id, type, version, subject, time, data, traceparent (empty: none)
local FIRST = 4

local function add(keys, args)
  local stream, marks = keys[1], keys[2]
  local shard, cursor, source = args[1], tonumber(args[2]), args[3]
  local stored = redis.call('HGET', marks, shard) or '0'
  local mark, first = tonumber(stored), FIRST
  if mark < cursor then return { 'behind', stored, 0 } end
  if mark > cursor then
    while args[first] and tonumber(args[first]) < mark do first = first + FIELDS end
    if not args[first] then return { 'ahead', stored, 0 } end
    if tonumber(args[first]) > mark then return { 'unknown', stored, 0 } end
    local known = redis.call('HGET', marks, shard .. ':id')
    -- A mark that was moved by hand, or written before there were ids, has none.
    if known and string.match(known, '^%d+') == stored and known ~= stored .. ' ' .. args[first + 1] then
      return { 'unknown', stored, 0 }
    end
    first = first + FIELDS
  end
  local added, last, last_id, failure = 0, nil, nil, nil
  for i = first, #args, FIELDS do
    local entry = {
      'id', args[i + 1], 'type', args[i + 2], 'version', args[i + 3], 'source', source, 'subject', args[i + 4],
      'time', args[i + 5], 'seq', args[i], 'data', args[i + 6],
    }
    if args[i + 7] ~= '' then
      entry[#entry + 1] = 'traceparent'
      entry[#entry + 1] = args[i + 7]
    end
    local reply = redis.pcall('XADD', stream, '*', unpack(entry))
    if type(reply) == 'table' and reply.err then
      failure = reply
      break
    end
    last, last_id, added = args[i], args[i + 1], added + 1
  end
  -- Add before mark: a function does not roll back, and an event twice is better than one never.
  if last then redis.call('HSET', marks, shard, last, shard .. ':id', last .. ' ' .. last_id) end
  return failure or { 'added', last or stored, added }
end

redis.register_function('wa_outbox_add_v1', add)
redis.register_function { function_name = 'wa_outbox_revision', callback = function() return REVISION end, flags = { 'no-writes' } }
