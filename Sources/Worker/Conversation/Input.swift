extension Conversation {
    /// One inbound message, as far as the conversation is concerned.
    package enum Input: Hashable, Sendable {
        /// What was written; the payload of a quick-reply button counts as its text.
        case text(String)
        /// A file.
        case media(Media)
        /// Anything else WhatsApp can carry.
        case other(Kind)
    }

    /// A file that came with a message.
    package struct Media: Hashable, Sendable {
        package var url: String
        /// The MIME type as Twilio reports it, for example `image/jpeg`.
        package var contentType: String
        /// What was written under the file; read like a text.
        package var caption: String?
        /// Why the file cannot be used, once it was looked into.
        package var problem: Problem?

        package init(url: String, contentType: String, caption: String?, problem: Problem? = nil) {
            self.url = url
            self.contentType = contentType
            self.caption = caption
            self.problem = problem
        }

        /// What is wrong with a file.
        package enum Problem: Hashable, Sendable, CaseIterable {
            /// It could not be fetched, for now at least.
            case unreachable
            case tooLarge
            /// It is neither a picture nor a PDF, whatever it says it is.
            case notATicket
        }
    }

    /// What a message without words is, in the sender's eyes.
    package enum Kind: Hashable, Sendable, CaseIterable {
        case photo, document, video, voiceNote, sticker, location, contact, unsupported
    }
}

extension Conversation.Input {
    /// The words of the message: the text, or what was written under a file.
    var words: String {
        switch self {
        case .text(let text): text
        case .media(let media): media.caption ?? ""
        case .other: ""
        }
    }

    /// Why the file that came cannot be used.
    var problem: Conversation.Media.Problem? {
        if case .media(let media) = self { media.problem } else { nil }
    }

    /// What the message is when it is not text.
    var kind: Conversation.Kind? {
        switch self {
        case .text: nil
        case .media(let media): media.kind
        case .other(let kind): kind
        }
    }
}

extension Conversation.Media {
    var kind: Conversation.Kind {
        let type = contentType.lowercased()
        return if type.hasPrefix("audio/") {
            .voiceNote
        } else if type.hasPrefix("video/") {
            .video
        } else if type.hasPrefix("image/webp") {
            .sticker
        } else if type.hasPrefix("image/") {
            .photo
        } else if type.hasPrefix("text/vcard") || type.hasPrefix("text/x-vcard") {
            .contact
        } else {
            .document
        }
    }
}
