package import Common

/// A message as the provider's list shows it, as far as pushing it needs.
package struct ListedMessage: Hashable, Sendable {
    package var sid: MessageSID
    package var accountSID: String
    package var isInbound: Bool
    package var from: ChannelAddress
    package var to: String
    package var body: String
    /// How many media belong to it; where they are is asked for apart.
    package var mediaCount: Int
    package var messagingServiceSID: String?
    package var apiVersion: String
    /// When the provider received it, to the second.
    package var created: Timestamp
    /// When the provider told its webhook, which is the date that the list can be asked for.
    package var sent: Timestamp

    package init(
        sid: MessageSID, accountSID: String, isInbound: Bool = true, from: ChannelAddress, to: String, body: String,
        mediaCount: Int = 0, messagingServiceSID: String? = nil, apiVersion: String = "2010-04-01", created: Timestamp,
        sent: Timestamp
    ) {
        self.sid = sid
        self.accountSID = accountSID
        self.isInbound = isInbound
        self.from = from
        self.to = to
        self.body = body
        self.mediaCount = mediaCount
        self.messagingServiceSID = messagingServiceSID
        self.apiVersion = apiVersion
        self.created = created
        self.sent = sent
    }
}

/// One page of the list, in the provider's order: newest first.
package struct ListedPage: Sendable {
    package var messages: [ListedMessage]
    /// Where the older ones are, as the provider says; nil on the last page.
    package var next: String?
    /// Messages that lack what every message has; they are counted, never guessed at.
    package var unreadable: Int
}

/// A medium of a message, as a webhook would tell of it.
package struct ListedMedia: Hashable, Sendable {
    package var url: String
    package var contentType: String

    package init(url: String, contentType: String) {
        self.url = url
        self.contentType = contentType
    }
}
