import ServiceLifecycle

/// All drains of a relay as one service, so that they are told to stop at the same moment and end side by side.
struct DrainGroup: Service {
    let drains: [Drain]

    func run() async {
        await withTaskGroup { group in
            for drain in drains { group.addTask { await drain.run() } }
        }
    }
}
