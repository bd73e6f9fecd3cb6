/// Units that share one Sync, and with it one transaction; most often one unit alone.
///
/// Belongs to the reactor's thread.
final class PostgresGroup {
    /// Few enough for a refusal, after which each is carried out alone, to cost little.
    static let maximumUnits = 32

    let units: [PostgresUnit]
    /// Whether they were gathered to share a transaction, be it only one that was ready.
    let isGathered: Bool
    private var answering = 0
    /// Whether the server has refused one of them, so that nothing of any remains.
    private(set) var isRefused = false

    /// Carries out one unit alone.
    init(_ unit: PostgresUnit) {
        units = [unit]
        isGathered = false
    }

    /// Carries out what was gathered, in the order of the locks.
    init(gathered units: [PostgresUnit]) {
        isGathered = true
        self.units =
            units.count < 2
            ? units
            : units.sorted { one, other in
                guard let one = one.order, let other = other.order else {
                    return one.order == nil && other.order != nil
                }
                return one < other
            }
    }

    /// The unit whose answers are coming in; the last one's are also the commit's.
    var current: PostgresUnit { units[answering] }

    var deadline: ContinuousClock.Instant? { units.lazy.map(\.deadline).min() }

    /// libpq has given back a null: a step is over if it was answered.
    func endOfStep() {
        current.endOfStep()
        if current.current == nil, answering + 1 < units.count { answering += 1 }
    }

    func refuse(_ result: OpaquePointer) {
        isRefused = true
        current.refuse(result)
    }

    /// The Sync was answered: tells those who wait, or gives back the units that are to be tried alone.
    func finish() -> [PostgresUnit] {
        guard units.count > 1, isRefused else {
            for unit in units { unit.finish() }
            return []
        }
        for unit in units { unit.startAnew() }
        return units
    }
}
