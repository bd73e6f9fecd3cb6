import Common
import FoundationEssentials

extension ListedPage {
    /// Reads a page of `Messages.json`; nil when it is none.
    ///
    /// Counts are strings and dates RFC 2822, as the API's description has it. A message whose sent date is absent
    /// takes its date of creation.
    package init?(json: [UInt8]) {
        guard let page = try? JSONDecoder().decode(Page.self, from: Data(json)) else { return nil }
        let read = page.messages.map { $0.message }
        self.init(
            messages: read.compactMap { $0 }, next: page.nextPageURI, unreadable: read.count { $0 == nil })
    }

    private struct Page: Decodable {
        var messages: [Resource]
        var nextPageURI: String?

        enum CodingKeys: String, CodingKey {
            case messages
            case nextPageURI = "next_page_uri"
        }
    }

    private struct Resource: Decodable {
        var sid: String?
        var accountSID: String?
        var direction: String?
        var from: String?
        var to: String?
        var body: String?
        var mediaCount: String?
        var messagingServiceSID: String?
        var apiVersion: String?
        var dateCreated: String?
        var dateSent: String?

        enum CodingKeys: String, CodingKey {
            case sid, direction, from, to, body
            case accountSID = "account_sid"
            case mediaCount = "num_media"
            case messagingServiceSID = "messaging_service_sid"
            case apiVersion = "api_version"
            case dateCreated = "date_created"
            case dateSent = "date_sent"
        }

        var message: ListedMessage? {
            guard let sid = sid.flatMap(MessageSID.init), let from = from.flatMap(ChannelAddress.init), let to,
                let created = dateCreated.flatMap(Timestamp.init(rfc2822:))
            else { return nil }
            return ListedMessage(
                sid: sid, accountSID: accountSID ?? "", isInbound: direction == "inbound", from: from, to: to,
                body: body ?? "", mediaCount: mediaCount.flatMap { Int($0) }.map { max(0, $0) } ?? 0,
                messagingServiceSID: messagingServiceSID, apiVersion: apiVersion ?? "2010-04-01", created: created,
                sent: dateSent.flatMap(Timestamp.init(rfc2822:)) ?? created)
        }
    }
}

/// A page of a message's media, and where each lies.
struct MediaPage: Sendable {
    /// Relative addresses without `.json`, which are the media themselves, and their types.
    var media: [(path: String, contentType: String)]

    /// Reads a page of `Media.json`; nil when it is none.
    init?(json: [UInt8]) {
        guard let page = try? JSONDecoder().decode(Page.self, from: Data(json)) else { return nil }
        media = page.media.compactMap { item in
            guard let uri = item.uri else { return nil }
            return (
                uri.hasSuffix(".json") ? String(uri.dropLast(5)) : uri, item.contentType ?? "application/octet-stream"
            )
        }
    }

    private struct Page: Decodable {
        var media: [Item]

        enum CodingKeys: String, CodingKey { case media = "media_list" }
    }

    private struct Item: Decodable {
        var uri: String?
        var contentType: String?

        enum CodingKeys: String, CodingKey {
            case uri
            case contentType = "content_type"
        }
    }
}
