import Common
import QueueModel

/// All keys of a shard as a text, of the model and of a real Redis: two that are equal are equal in everything.
enum Portrait {
    static let senders = ["a", "b", "c", "d"]

    /// Reads every key there is, so that one too many shows as well.
    ///
    /// Scores below a thousand are those a test wrote: times that are over, in their order.
    static let script = """
        local k, lines, known = KEYS[1], {}, {}
        local function line(name, values)
          if #values > 0 then lines[#lines + 1] = name .. ' ' .. table.concat(values, ' ') end
        end
        local function id(envelope) return string.match(envelope, '^v[12]\\31([^\\31]+)\\31') or 'x' end
        local function list(name, read)
          known[k .. name] = true
          local values = {}
          for i, e in ipairs(redis.call('LRANGE', k .. name, 0, -1)) do values[i] = read(e) end
          line(name, values)
        end
        local function same(e) return e end
        list('in', id)
        list('stage', id)
        list('ready', same)
        list('dead', function(e)
          local reason, deliveries, envelope = string.match(e, '^([^\\31]*)\\31[^\\31]*\\31(%d+)\\31%d+\\31(.*)$')
          return reason .. ':' .. deliveries .. ':' .. id(envelope)
        end)
        for _, name in ipairs({ 'lease', 'delay' }) do
          known[k .. name] = true
          local found, values = redis.call('ZRANGE', k .. name, 0, -1, 'WITHSCORES'), {}
          for i = 1, #found, 2 do
            local score = tonumber(found[i + 1])
            values[#values + 1] = found[i] .. ':' .. (score < 1000 and string.format('%d', score) or 'later')
          end
          table.sort(values)
          line(name, values)
        end
        local function hash(name, skip)
          known[k .. name] = true
          local found, values = redis.call('HGETALL', k .. name), {}
          for i = 1, #found, 2 do
            if not skip or found[i + 1] ~= skip then values[#values + 1] = found[i] .. '=' .. found[i + 1] end
          end
          table.sort(values)
          line(name, values)
        end
        hash('own')
        hash('ctr', '0')
        for _, sender in ipairs({ 'a', 'b', 'c', 'd' }) do
          list('q:' .. sender, id)
          local state = redis.call('GET', k .. 'state:' .. sender)
          known[k .. 'state:' .. sender] = true
          if state then line('state:' .. sender, { state }) end
          known[k .. 'rate:' .. sender], known[k .. 'rate:' .. sender .. ':notice'] = true, true
          if redis.call('EXISTS', k .. 'rate:' .. sender .. ':notice') == 1 then line('noticed:' .. sender, { '1' }) end
        end
        for i, window in ipairs({ ARGV[1], ARGV[2] }) do
          known[k .. 'dd:' .. window] = true
          local values = {}
          for j, sid in ipairs(redis.call('SMEMBERS', k .. 'dd:' .. window)) do
            values[j] = sid
          end
          table.sort(values)
          line(i == 1 and 'seen' or 'before', values)
        end
        for _, key in ipairs(redis.call('KEYS', '*')) do
          if not known[key] then line('unknown', { key }) end
        end
        return table.concat(lines, '\\n')
        """

    /// The MessageSid of a number of the model.
    static func id(_ message: Int) -> String {
        if message == Keys.malformed { return "x" }
        return message < Keys.notice ? "SM\(message)" : "throttled:SM\(message - Keys.notice)"
    }

    /// The same of the model; `fences` are the real ones by the model's.
    static func text(of keys: Keys, fences: [Int: Int64], _ rules: Rules) -> String {
        var lines: [String] = []
        func line(_ name: String, _ values: [String]) {
            if !values.isEmpty { lines.append(([name] + values).joined(separator: " ")) }
        }
        func fence(_ fence: Int) -> String { fence == 0 ? "0" : fences[fence].map { "\($0)" } ?? "?" }
        func due(_ name: String, _ due: (Seat) -> Due) {
            let members = (0..<rules.senders).filter { due(keys.seats[$0]).isSet }
            line(
                name,
                members.map {
                    let due = due(keys.seats[$0])
                    return senders[$0] + ":" + (due == .later ? "later" : "\(due.rank)")
                })
        }
        line("in", keys.ingress.array.map(id))
        line("stage", keys.stage.array.map(id))
        line("ready", keys.ready.array.map { senders[$0] })
        line(
            "dead",
            keys.dead.array.map {
                $0 == Keys.malformed ? "malformed:0:x" : "deliveries:\(rules.deliveries):\(id($0))"
            })
        due("lease") { $0.lease }
        due("delay") { $0.delay }
        let owned = (0..<rules.senders).filter { keys.seats[$0].hasOwner }
        line("own", owned.map { "\(senders[$0])=\(fence(keys.seats[$0].fence)):\(keys.seats[$0].deliveries)" })
        line("ctr", counters(of: keys, fence: fence(keys.fence), rules))
        for (sender, name) in senders.enumerated() {
            line("q:" + name, keys.seats[sender].queue.array.map(id))
            if keys.seats[sender].state != 0 { line("state:" + name, ["S\(keys.seats[sender].state)"]) }
            if keys.noticed.contains(sender) { line("noticed:" + name, ["1"]) }
        }
        func members(_ seen: Marks, _ refused: Marks) -> [String] {
            (seen.array.map(id) + refused.array.map { "!" + id($0) }).sorted()
        }
        line("seen", members(keys.seen, keys.refused))
        line("before", members(keys.seenBefore, keys.refusedBefore))
        return lines.joined(separator: "\n")
    }

    private static func counters(of keys: Keys, fence: String, _ rules: Rules) -> [String] {
        let counters = keys.counters
        let numbers = [
            ("dead", counters.dead), ("done", counters.done), ("drained", counters.drained),
            ("duplicate", counters.duplicate), ("reclaimed", counters.reclaimed), ("stale", counters.stale),
        ]
        var values = numbers.filter { $0.1 != 0 }.map { "\($0.0)=\($0.1)" }
        if keys.held(rules) != 0 { values.append("held=\(keys.held(rules))") }
        if keys.isPaused { values.append("paused=1") }
        if fence != "0" { values.append("fence=\(fence)") }
        return values.sorted()
    }
}
