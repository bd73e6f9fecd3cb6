import Common

/// The photo or PDF of a ticket, known for what it is by its first bytes.
struct TicketFile: Hashable, Sendable {
    let type: Kind
    let bytes: [UInt8]
    let sha256: [UInt8]

    /// 16 MB, as much as WhatsApp carries.
    static let largest = 16_000_000

    enum Kind: String, Hashable, Sendable, CaseIterable {
        case jpeg = "image/jpeg"
        case png = "image/png"
        case webP = "image/webp"
        case pdf = "application/pdf"
    }

    /// Nil for anything but the four types, and for more than `largest`.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.largest, let type = Kind(of: bytes) else { return nil }
        self.type = type
        self.bytes = bytes
        sha256 = SHA256.digest(of: bytes)
    }

    // MARK: Storing

    /// Keeps the file for the claim that `user` is making, in place of one that was sent before.
    func keepStatement(url: String, user: UUID, at time: Timestamp) -> SQL {
        """
        INSERT INTO claim_media (id, user_id, url, media_type, sha256, content, created_at)
        VALUES (\(UUID.timeOrdered(at: time)), \(user), \(url), \(type.rawValue), \(sha256), \(bytes), \(time))
        ON CONFLICT (user_id) WHERE claim_id IS NULL DO UPDATE SET
          id = excluded.id, url = excluded.url, media_type = excluded.media_type, sha256 = excluded.sha256,
          content = excluded.content, created_at = excluded.created_at
        """
    }

    /// Gives the file at `url` to a claim; to be after the claim's own statement.
    static func attach(url: String, of user: UUID, to claim: UUID) -> SQL {
        """
        WITH media AS (
          UPDATE claim_media SET claim_id = \(claim) WHERE user_id = \(user) AND claim_id IS NULL AND url = \(url)
          RETURNING media_type, sha256, octet_length(content) AS size)
        UPDATE claims
           SET ticket_media_type = media.media_type, ticket_media_sha256 = media.sha256, ticket_media_bytes = media.size
          FROM media WHERE claims.id = \(claim)
        """
    }

    /// Forgets the file of a claim that is not made after all.
    static func dropStatement(of user: UUID) -> SQL {
        "DELETE FROM claim_media WHERE user_id = \(user) AND claim_id IS NULL"
    }
}

extension TicketFile.Kind {
    /// What a file is, by the marks at its beginning; nil for anything else.
    init?(of bytes: [UInt8]) {
        func begins(_ mark: [UInt8], at place: Int = 0) -> Bool { bytes.dropFirst(place).starts(with: mark) }
        if begins([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if begins(Array("RIFF".utf8)), begins(Array("WEBP".utf8), at: 8) {
            self = .webP
        } else if begins(Array("%PDF-".utf8)) {
            self = .pdf
        } else {
            return nil
        }
    }
}
