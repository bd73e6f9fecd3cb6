import Common

@testable import Conversation

/// One sentence or question of a reply, with what there is to be checked in it.
///
/// The same parts are said again and again, and are looked into once.
struct SpokenPart {
    var length: Int
    var problems: [String]
    /// The words in capitals.
    var commands: [String]
    var days: [String]
    var times: [String]

    private static let prefaces = Locked<[Conversation.Reply.Preface: SpokenPart]>([:])
    private static let questions = Locked<[Conversation.Reply: SpokenPart]>([:])

    /// The parts of a reply, in order, as somebody without a name gets it.
    static func parts(of reply: Conversation.Reply) -> [SpokenPart] {
        let reply = reply.anonymous
        return reply.prefaces.map(part) + [part(reply.asked)]
    }

    private static func part(_ preface: Conversation.Reply.Preface) -> SpokenPart {
        if let known = prefaces.withLock({ $0[preface] }) { return known }
        let part = SpokenPart(Texts.preface(preface))
        prefaces.withLock { $0[preface] = part }
        return part
    }

    private static func part(_ question: Conversation.Reply) -> SpokenPart {
        if let known = questions.withLock({ $0[question] }) { return known }
        let part = SpokenPart(question.text)
        questions.withLock { $0[question] = part }
        return part
    }

    private init(_ text: String) {
        length = text.utf16.count
        problems = Wording.problems(text, claimsAreTaken: true)
        commands = Advertised.commands(in: text)
        days = Printed.days(in: text)
        times = Printed.times(in: text)
    }
}
