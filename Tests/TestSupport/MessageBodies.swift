import FoundationEssentials

/// The texts in a page of Twilio's Messages list, which comes newest first.
struct MessageBodies {
    var oldestFirst: [String]

    init(json: [UInt8]) throws {
        struct Page: Decodable {
            struct Message: Decodable { var body: String? }
            var messages: [Message]
        }
        oldestFirst = try JSONDecoder().decode(Page.self, from: Data(json)).messages.reversed().map { $0.body ?? "" }
    }
}
