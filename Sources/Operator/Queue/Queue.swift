import ArgumentParser

struct Queue: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks into the queue, stops it, starts it, and mends it.",
        discussion: "Needs Redis only, so that it can be looked at while the database is down.",
        subcommands: [QueueStatsCommand.self, QueuePeek.self, QueuePause.self, QueueResume.self, QueueRepair.self])
}
