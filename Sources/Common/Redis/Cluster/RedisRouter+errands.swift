import DequeModule

/// The way of a command through a cluster.
extension RedisRouter {
    /// How long until a node that was away is looked for again.
    private static let search: Duration = .milliseconds(100)
    private static let backoff = Backoff(base: .milliseconds(20), cap: .milliseconds(250))

    /// Sets a command on its way, or says why not; an error reply is a value.
    func start(
        _ command: RedisCommand, at now: ContinuousClock.Instant, until deadline: ContinuousClock.Instant,
        _ complete: @escaping @Sendable (Result<RedisValue, RedisError>) -> Void
    ) -> RedisError? {
        if isStopping { return RedisError(.unavailable, "the client is shut down") }
        guard underWay < configuration.maximumWaiting, parkedBytes <= configuration.maximumWaitingBytes else {
            return RedisError(.unavailable, "too many commands wait")
        }
        let target: RedisErrand.Target =
            switch command.route {
            case .slot(let slot): .slot(slot)
            case .anyMaster: .anyMaster
            case .allMasters: .allMasters
            }
        underWay += 1
        go(RedisErrand(command, to: target, started: now, deadline: deadline, complete: complete))
        return nil
    }

    /// Sends it where it has to go now, or lets it wait.
    func go(_ errand: RedisErrand) {
        let address: RedisAddress?
        var isAsking = false
        switch errand.target {
        case .slot(let slot): address = map?.owner(of: slot)
        case .anyMaster: address = readyMaster
        case .allMasters:
            guard let map else { return park(errand) }
            return spread(errand, over: map.masters)
        case .master(let master):
            guard map?.masters.contains(master) == true else {
                return end(errand, .failure(RedisError(.unavailable, "a node has left the cluster meanwhile")))
            }
            address = master
        case .asking(let node): (address, isAsking) = (node, true)
        }
        guard let address else { return park(errand) }
        let client = node(at: address)
        guard client.assumeIsolated({ $0.isReady }) else { return park(errand) }
        let refusal = client.assumeIsolated { client in
            client.offer(errand.command, started: .now, deadline: errand.deadline, asking: isAsking) { result in
                self.assumeIsolated { $0.take(result, of: errand, from: address) }
            }
        }
        if let refusal { end(errand, .failure(refusal)) }
    }

    /// Sends it to each of `masters`.
    private func spread(_ errand: RedisErrand, over masters: [RedisAddress]) {
        lastGathering += 1
        let id = lastGathering
        gatherings[id] = RedisGathering(missing: masters.count, complete: errand.complete)
        underWay += masters.count - 1
        for master in masters {
            go(
                RedisErrand(
                    errand.command, to: .master(master), started: errand.started, deadline: errand.deadline
                ) { result in self.assumeIsolated { $0.gather(result, id) } })
        }
    }

    private func gather(_ result: Result<RedisValue, RedisError>, _ id: Int) {
        guard let complete = gatherings[id]?.add(result) else { return }
        gatherings[id] = nil
        complete()
    }

    private func take(_ result: Result<RedisValue, RedisError>, of errand: RedisErrand, from node: RedisAddress) {
        switch result {
        case .failure(let error) where error.code == .unavailable:
            var errand = errand
            errand.reason = error.description
            goAgain(errand)
        case .failure:
            refresh()
            end(errand, result)
        case .success(.error(let text)):
            guard let refusal = RedisRefusal(reply: text, from: node.host) else { return end(errand, result) }
            take(refusal, result, of: errand)
        case .success: end(errand, result)
        }
    }

    private func take(_ refusal: RedisRefusal, _ result: Result<RedisValue, RedisError>, of errand: RedisErrand) {
        var errand = errand
        if case .success(.error(let text)) = result { errand.reason = RedisError(reply: text).description }
        let metrics = topology.dialer.metrics
        switch refusal {
        case .moved(let slot, let address):
            metrics.redirected(.moved)
            topology.assumeIsolated { $0.moved(slot, to: address) }
            errand.target = errand.home
            redirect(errand, result)
        case .ask(let address):
            metrics.redirected(.ask)
            // A script may use keys that it does not name, some here and some there: it waits until all are there.
            if errand.command.isScript { return goLater(errand) }
            errand.target = .asking(address)
            redirect(errand, result)
        case .tryAgain:
            metrics.redirected(.tryagain)
            goLater(errand)
        case .notNow:
            refresh()
            goLater(errand)
        }
    }

    private func redirect(_ errand: RedisErrand, _ result: Result<RedisValue, RedisError>) {
        var errand = errand
        errand.redirections += 1
        guard errand.redirections <= RedisErrand.maximumRedirections else { return end(errand, result) }
        go(errand)
    }

    // MARK: Waiting

    /// Sends it again, which is safe: it was not executed.
    private func goAgain(_ errand: RedisErrand) {
        var errand = errand
        errand.target = errand.home
        if isStopping || errand.deadline <= .now { return end(errand, .failure(errand.neverSent)) }
        go(errand)
    }

    /// Sends it again after a while.
    private func goLater(_ errand: RedisErrand) {
        var errand = errand
        errand.target = errand.home
        let pause = Self.backoff.delay(attempt: errand.attempts)
        errand.attempts += 1
        errand.pause = .until(.now + pause)
        errand.due = .now + pause
        wait(errand)
    }

    /// Keeps it until the node that it needs is there.
    private func park(_ errand: RedisErrand) {
        var errand = errand
        errand.pause = .node
        errand.due = .now + Self.search
        wait(errand)
        if map != nil { refresh() }
    }

    private func wait(_ errand: RedisErrand) {
        if isStopping { return end(errand, .failure(errand.neverSent)) }
        parked.append(errand)
        parkedBytes += errand.command.encoded.count
        timer.cover(min(errand.due, errand.deadline))
    }

    /// Sends what is due, in the order in which it was given.
    func unpark(at now: ContinuousClock.Instant, nodesChanged: Bool = false) {
        let all = parked
        (parked, parkedBytes) = ([], 0)
        for errand in all {
            let isDue =
                switch errand.pause {
                case .node: nodesChanged || errand.due <= now
                case .until(let time): time <= now
                }
            if errand.deadline <= now {
                end(errand, .failure(errand.neverSent))
            } else if isDue {
                go(errand)
            } else {
                wait(errand)
            }
        }
    }

    /// Tells who waits.
    func end(_ errand: RedisErrand, _ result: Result<RedisValue, RedisError>) {
        underWay -= 1
        errand.complete(result)
    }

    private func refresh() { topology.assumeIsolated { $0.refresh() } }
}
