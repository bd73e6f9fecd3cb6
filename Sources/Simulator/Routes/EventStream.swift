import Common
import NIOHTTP1

/// `GET /api/stream`: the journal as server-sent events, from where the reader left off.
struct EventStream: Sendable {
    private let simulation: Simulation

    init(_ simulation: Simulation) { self.simulation = simulation }

    /// Begins after `Last-Event-ID`, which browsers send when they come back, or after the query's `after`.
    ///
    /// An `event: lost` says that what came after it is no longer known; the reader then asks for the state.
    func response(to request: HTTPServerRequest) -> HTTPServerResponse {
        let query = FormBody(parsing: Array((request.query ?? "").utf8))
        let start = request.headers.first(name: "Last-Event-ID") ?? query?["after"]
        return HTTPServerResponse(
            status: .ok, headers: ["Content-Type": "text/event-stream"],
            body: .stream { writer in
                let (id, wakeUps) = await simulation.join()
                let result: Result<Void, any Error>
                do { result = .success(try await write(to: writer, after: start, wakeUps)) } catch {
                    result = .failure(error)
                }
                await simulation.leave(id)
                try result.get()
            })
    }

    private func write(
        to writer: HTTPBodyWriter, after start: String?, _ wakeUps: AsyncStream<Void>
    ) async throws {
        try await writer.write("retry: 1000\n\n")
        var last = start
        // What is there already needs no waking.
        if try await writeNews(to: writer, &last) == false { return }
        for await _ in wakeUps {
            if try await writeNews(to: writer, &last) == false { return }
        }
    }

    /// Writes what came after `last`; false when that is lost.
    private func writeNews(to writer: HTTPBodyWriter, _ last: inout String?) async throws -> Bool {
        switch await simulation.read(after: last) {
        case .lost:
            try await writer.write("event: lost\ndata: {}\n\n")
            return false
        case .entries(let entries):
            var text = entries.isEmpty ? ": nothing new\n\n" : ""
            for entry in entries {
                let id = await simulation.eventID(entry.number)
                text += "id: \(id)\nevent: \(entry.event)\ndata: \(entry.json)\n\n"
                last = id
            }
            try await writer.write(text)
            return true
        }
    }
}
