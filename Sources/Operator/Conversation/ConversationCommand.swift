import ArgumentParser

struct ConversationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conversation",
        abstract: "Tells what happened in a person's conversation.",
        discussion: """
            For somebody who asks why they got no answer, or a wrong one.

            EXAMPLES
              operator conversation show +447700900123

            ENVIRONMENT
              DATABASE_URL or PGHOST and what belongs to it, DATABASE_SCHEMA, REDIS_URL, QUEUE_SHARDS, \
            REDIS_CACHE_TTL_SECONDS
            """,
        subcommands: [ConversationShow.self])
}
