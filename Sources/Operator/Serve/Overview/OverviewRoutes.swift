import Common

/// The overview, what keeps it up to date, and stopping the queue.
struct OverviewRoutes: Sendable {
    let console: Console

    func add(to router: inout Router) {
        router.onPage("/", console) { visit in
            let page = OverviewPage(
                snapshot: await console.overview.snapshot(), throughput: console.record.throughput())
            return visit.page("Overview", .overview, page.html(), isLive: true)
        }
        router.onPage("/live.json", console) { _ in
            let page = OverviewPage(
                snapshot: await console.overview.snapshot(), throughput: console.record.throughput())
            return .json(page.json.text)
        }
        for isPaused in [true, false] {
            let path = isPaused ? "/queue/pause" : "/queue/resume"
            router.onPage(path, console) { visit in
                let shards = console.servers.queue.keys.shards
                let page = isPaused ? pause(shards) : resume(shards)
                return visit.page(page.question, .overview, page.html(visit.session))
            }
            router.onForm(path, console) { visit in
                let queue = console.servers.queue
                // Before it is done: half of it may be when a server goes away.
                visit.note(isPaused ? "pausing the queue" : "resuming the queue")
                for shard in queue.keys.all { try await queue.queue.pause(shard: shard, isPaused) }
                visit.note(isPaused ? "paused the queue" : "resumed the queue")
                let text = isPaused ? "The queue is paused." : "The queue goes on."
                return visit.done(Notice(kind: .done, text: text), at: "/")
            }
        }
    }

    private func pause(_ shards: Int) -> ConfirmationPage {
        ConfirmationPage(
            question: "Pause the queue?",
            consequences: [
                "Workers begin no more messages\(shards > 1 ? ", in all \(shards) shards" : ""); those in work are finished. Messages go on being accepted and are kept in their order.",
                "It holds for workers that start later too, and until somebody resumes: nothing ends it by itself. Passengers wait meanwhile.",
            ], verb: "Pause", isDestructive: true, action: "/queue/pause", back: "/")
    }

    private func resume(_ shards: Int) -> ConfirmationPage {
        ConfirmationPage(
            question: "Let the queue go on?",
            consequences: [
                "Workers take up what waits\(shards > 1 ? ", in all \(shards) shards" : ""), in its order."
            ],
            verb: "Resume", action: "/queue/resume", back: "/")
    }
}
