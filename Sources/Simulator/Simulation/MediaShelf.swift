/// The uploaded photos and documents, within a limit of memory.
struct MediaShelf: Sendable {
    struct Item: Sendable {
        let contentType: String
        let bytes: [UInt8]
    }

    /// What WhatsApp accepts among what the page offers.
    static let contentTypes: Set = [
        "image/jpeg", "image/png", "image/webp", "application/pdf", "audio/ogg", "audio/mpeg", "video/mp4",
        "text/vcard",
    ]
    /// What one message may carry, in bytes.
    static let largest = 16 * 1024 * 1024
    private static let limit = 8 * largest

    private var items: [String: Item] = [:]
    private var order: [String] = []
    private var size = 0

    subscript(sid: String) -> Item? { items[sid] }

    /// Keeps an item; the oldest ones go when memory is short.
    mutating func add(_ sid: String, _ item: Item) {
        items[sid] = item
        order.append(sid)
        size += item.bytes.count
        while size > Self.limit, let oldest = order.first { remove(oldest) }
    }

    mutating func remove(_ sid: String) {
        guard let item = items.removeValue(forKey: sid) else { return }
        size -= item.bytes.count
        order.removeAll { $0 == sid }
    }
}
