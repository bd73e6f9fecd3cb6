import Common

/// Which part of whose conversation.
struct ConversationQuery: Sendable {
    /// By what it is found.
    enum Entry: Sendable {
        case sender(SenderArgument)
        /// A MessageSid of Twilio's, of a message in or out.
        case message(String)
        case correlation(String)
    }

    /// How far around the sought message, or its conversation, a story goes by itself.
    static let surroundings = Duration.seconds(3600)
    /// How many steps a story may have.
    static let limits = 1...1000

    var entry: Entry
    var since: Timestamp?
    var until: Timestamp?
    /// The newest steps, this many at most.
    var limit = 50
    /// How long a state is remembered (REDIS_CACHE_TTL_SECONDS): after a longer pause a conversation starts again.
    var stateTTL = Duration.seconds(86_400)
}
