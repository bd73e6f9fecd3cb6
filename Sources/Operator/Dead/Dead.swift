import ArgumentParser

struct Dead: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Messages that were given up on: what they are, and what becomes of them.",
        discussion: """
            A message that fails eight times, or that nobody can read, goes to the dead list; its conversation goes on \
            without it. The table dead_letters keeps every one of them; the commands first copy what Redis has and the \
            table has not.
            """,
        subcommands: [DeadList.self, DeadShow.self, DeadReplay.self, DeadDiscard.self])
}
