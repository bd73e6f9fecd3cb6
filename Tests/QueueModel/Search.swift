/// Visits every state that a scope can reach, nearest first, and looks for one that breaks an invariant.
package struct Search {
    /// What was found: nothing, or the shortest way to a broken invariant.
    package struct Result: Sendable, CustomStringConvertible {
        package var scope: String
        package var states = 0
        package var steps = 0
        package var depth = 0
        package var isComplete = true
        package var broken: Invariant?
        package var counterexample: [Action] = []

        package var description: String {
            let sum = "\(scope): \(states) states, \(steps) steps, depth \(depth)\(isComplete ? "" : ", not all")"
            guard let broken else { return sum }
            let lines = counterexample.enumerated().map { "  \($0.offset + 1). \($0.element)" }
            return (["\(sum); broken: \(broken.rawValue)"] + lines).joined(separator: "\n")
        }
    }

    private let scope: Scope
    private var visited = Fingerprints()
    /// Of each state the one before, and the step from there.
    private var parents: [Int] = []
    private var codes: [Int] = []
    private var result: Result

    package static func run(_ scope: Scope) -> Result {
        var search = Search(scope)
        return search.run()
    }

    private init(_ scope: Scope) {
        self.scope = scope
        result = Result(scope: scope.name)
    }

    private mutating func run() -> Result {
        var start = World()
        start.faultsLeft = scope.faults
        var (frontier, next): ([World], [World]) = ([], [])
        visit(start, from: -1, nil, &frontier)
        var firstIndex = 0
        var actions: [Action] = []
        while !frontier.isEmpty, result.broken == nil {
            let nextIndex = parents.count
            for offset in 0..<frontier.count {
                frontier[offset].actions(scope, into: &actions)
                for action in actions {
                    result.steps += 1
                    var world = frontier[offset]
                    if let broken = world.take(action, scope) {
                        found(broken, from: firstIndex + offset, action)
                        return result
                    }
                    visit(world, from: firstIndex + offset, action, &next)
                    if result.broken != nil { return result }
                }
                if parents.count >= scope.limit {
                    result.isComplete = false
                    return result
                }
            }
            frontier = next
            next.removeAll(keepingCapacity: true)
            firstIndex = nextIndex
            result.depth += 1
        }
        return result
    }

    private mutating func visit(_ world: World, from parent: Int, _ action: Action?, _ frontier: inout [World]) {
        let fingerprint = world.fingerprint(scope.rules)
        guard visited.insert(fingerprint) else { return }
        result.states += 1
        if let broken = world.broken(scope.rules) { return found(broken, from: parent, action) }
        if fingerprint % scope.drainedSample == 0, let obstacle = world.obstacle(scope) {
            return found(obstacle.broken, from: parent, action, then: obstacle.steps)
        }
        parents.append(parent)
        codes.append(action?.code ?? 0)
        frontier.append(world)
    }

    private mutating func found(
        _ broken: Invariant, from parent: Int, _ action: Action?, then drained: [Action] = []
    ) {
        result.broken = broken
        var (steps, index) = ([action].compactMap { $0 }, parent)
        while index > 0 {
            if let step = Action(code: codes[index]) { steps.append(step) }
            index = parents[index]
        }
        result.counterexample = steps.reversed() + drained
    }
}

/// A set of fingerprints: open addressing, half full at most.
private struct Fingerprints {
    private var slots = [UInt64](repeating: 0, count: 1 << 12)
    private var count = 0

    mutating func insert(_ fingerprint: UInt64) -> Bool {
        if count * 2 > slots.count { grow() }
        let isNew = slots.withUnsafeMutableBufferPointer { Self.place(fingerprint, in: $0) }
        if isNew { count += 1 }
        return isNew
    }

    private static func place(_ fingerprint: UInt64, in slots: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        let value = fingerprint == 0 ? 1 : fingerprint
        var index = Int(truncatingIfNeeded: value) & (slots.count - 1)
        while slots[index] != 0 {
            if slots[index] == value { return false }
            index = (index + 1) & (slots.count - 1)
        }
        slots[index] = value
        return true
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        larger.withUnsafeMutableBufferPointer { larger in
            for value in slots where value != 0 { _ = Self.place(value, in: larger) }
        }
        slots = larger
    }
}
