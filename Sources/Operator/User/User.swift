import ArgumentParser

struct User: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What is held about a person, and the erasure of it.",
        discussion: """
            For people who ask what is known of them (Article 15 of the GDPR) or want it deleted (Article 17) by other \
            means than the chat, where DELETE MY DATA does it.
            """,
        subcommands: [UserExport.self, UserErase.self])
}
