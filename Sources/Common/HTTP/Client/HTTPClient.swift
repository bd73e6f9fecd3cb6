import CCurl
import DequeModule
import Glibc

/// An HTTP client over one curl multi handle on the reactor: connections are kept alive and shared by requests.
///
/// Requests beyond `maximumConnections` wait here and not in curl, whose own queue is slow. Nothing is sent twice by
/// itself except `GET` and `HEAD` when a kept-alive connection turns out dead.
package actor HTTPClient {
    private static let isReady: Bool = {
        signal(SIGPIPE, SIG_IGN)  // OpenSSL writes to sockets that the other side may have closed
        return curl_shim_global_init() == CURLE_OK
    }()

    package nonisolated let reactor: Reactor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let maximumConnections: Int
    private let maximumWaiting: Int
    private let caFile: String?
    private let addresses: AddressPolicy
    private var multi: CurlMulti?
    private var running: [Int: HTTPTransfer] = [:]
    private var waiting: [Int: HTTPTransfer] = [:]
    /// In order of arrival; ids that are no longer waiting are skipped.
    private var queue: Deque<Int> = []
    private var lastID = 0
    private var isClosed = false

    /// Describes a client; `caFile` holds the certificates to trust instead of the system's, in PEM.
    ///
    /// `addresses` holds for all of its connections, so that none is reused that another request was allowed to make.
    package init(
        reactor: Reactor, maximumConnections: Int = 64, maximumWaiting: Int = 10_000, caFile: String? = nil,
        addresses: AddressPolicy = .anywhere
    ) {
        self.reactor = reactor
        self.maximumConnections = maximumConnections
        self.maximumWaiting = maximumWaiting
        self.caFile = caFile
        self.addresses = addresses
    }

    /// Sends a request and waits for the whole response; a status is never an error.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        guard !isClosed else { throw HTTPError(.cancelled, isProvablyNotSent: true, reason: "the client is closed") }
        guard request.isWellFormed, Self.isReady else { throw HTTPError(.invalidRequest, isProvablyNotSent: true) }
        guard running.count < maximumConnections || waiting.count < maximumWaiting else {
            throw HTTPError(.overloaded, isProvablyNotSent: true)
        }
        lastID += 1
        let id = lastID
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                admit(HTTPTransfer(id: id, request, addresses, waiter))
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            reactor.submit { self.assumeIsolated { $0.cancel(id) } }
        }
        return try outcome.get()
    }

    /// Fails what is in flight and closes all connections.
    ///
    /// Safe to call twice.
    package func close() {
        isClosed = true
        for id in [Int](running.keys) + [Int](waiting.keys) { cancel(id) }
        multi = nil
    }

    // MARK: A transfer's life

    private func admit(_ transfer: HTTPTransfer) {
        if running.count < maximumConnections { return start(transfer) }
        waiting[transfer.id] = transfer
        queue.append(transfer.id)
        transfer.waitTimer = reactor.after(transfer.deadline - .now) { [id = transfer.id] in
            self.assumeIsolated { $0.expire(id) }
        }
    }

    private func expire(_ id: Int) {
        waiting.removeValue(forKey: id)?
            .finish(.failure(HTTPError(.timedOut, isProvablyNotSent: true, reason: "no connection became free")))
    }

    private func start(_ transfer: HTTPTransfer) {
        let multi =
            self.multi
            ?? CurlMulti(reactor, maximumConnections) { [weak self] in self?.assumeIsolated { $0.collect() } }
        self.multi = multi
        guard let easy = transfer.prepare(caFile: caFile), multi.add(easy) else {
            transfer.release()
            return transfer.finish(.failure(HTTPError(.invalidRequest, isProvablyNotSent: true)))
        }
        running[transfer.id] = transfer
    }

    private func cancel(_ id: Int) {
        if let transfer = waiting.removeValue(forKey: id) {
            if let timer = transfer.waitTimer { reactor.cancel(timer) }
            transfer.finish(.failure(HTTPError(.cancelled, isProvablyNotSent: true)))
        } else if let transfer = running[id] {
            end(transfer, .failure(HTTPError(.cancelled, isProvablyNotSent: transfer.isProvablyNotSent)))
        }
    }

    private func end(_ transfer: HTTPTransfer, _ outcome: HTTPTransfer.Outcome) {
        running.removeValue(forKey: transfer.id)
        if let easy = transfer.easy { multi?.remove(easy) }
        transfer.release()
        transfer.finish(outcome)
        while running.count < maximumConnections, let next = queue.popFirst() {
            guard let transfer = waiting.removeValue(forKey: next) else { continue }
            if let timer = transfer.waitTimer { reactor.cancel(timer) }
            start(transfer)
        }
    }

    /// Ends the transfers that curl has finished.
    private func collect() {
        while let (easy, code) = multi?.nextFinished() {
            guard let transfer = HTTPTransfer.from(easy: easy), running[transfer.id] != nil else { continue }
            end(transfer, transfer.outcome(code))
        }
    }
}
