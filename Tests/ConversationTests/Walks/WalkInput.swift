import TestSupport

@testable import Conversation

/// What people, keyboards and mischief send.
enum WalkInput {
    static func next(_ world: World, _ random: inout SplitMix64) -> Conversation.Input {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<38: disguised(.text(helpful(world, &random)), &random)
        case 38..<66: disguised(.text(commands.randomElement(using: &random) ?? ""), &random)
        case 66..<70: disguised(.text(answers.randomElement(using: &random) ?? ""), &random)
        case 70..<72: .text(stories.randomElement(using: &random) ?? "")
        case 72..<80: .text("000 000")
        case 80..<85: photo(&random)
        case 85..<93: samples.randomElement(using: &random).map { disguised($0, &random) } ?? .text("")
        case 93 where Int.random(in: 0..<20, using: &random) == 0:
            endless.randomElement(using: &random) ?? .text("")
        default: .text(noise(&random))
        }
    }

    /// What takes the conversation a step further.
    private static func helpful(_ world: World, _ random: inout SplitMix64) -> String {
        if world.user.isOptedOut { return "START" }
        switch world.state {
        case .start: return "hello"
        case .awaitingTerms: return Int.random(in: 0..<6, using: &random) == 0 ? journey : "YES"
        case .awaitingPhone: return Bool.random(using: &random) ? "07700 900123" : "+33 6 12 34 56 78"
        case .awaitingOTP:
            // Who was wrong once is often wrong again, until the code is burned.
            let isLost = world.challenge.map { (1..<5).contains($0.attemptsLeft) } ?? false
            if isLost, Int.random(in: 0..<3, using: &random) > 0 { return "000 000" }
            let code = world.challenge.map(\.code)
            return code.map { Bool.random(using: &random) ? $0 : "it's \($0.prefix(3)) \($0.suffix(3))" } ?? "RESEND"
        case .menu:
            let open = world.claiming?.claims.first { $0.progress.isOpen }?.reference
            let words = ["DELAY", "STATUS", journey, "the 0815 leeds to york, 40 min late", "WITHDRAW \(open ?? "")"]
            return words.randomElement(using: &random) ?? "DELAY"
        case .claiming(let claim, _): return answer(claim, &random)
        case .confirmingErasure: return Bool.random(using: &random) ? "YES" : "NO"
        case .optedOut: return "START"
        }
    }

    private static let journey = "the 14:30 from leeds to york yesterday was 40 minutes late"

    private static func answer(_ claim: Conversation.ClaimState, _ random: inout SplitMix64) -> String {
        let answers: [String] =
            switch claim {
            case .collecting(.origin): ["leeds to york", "London", "Kings X", "newport", "york"]
            case .collecting(.destination): ["york", "Man Picc", "newport", "EDB"]
            case .collecting(.date): ["yesterday", "today", "last tue", "3 days ago", "tomorrow", "1 June"]
            case .collecting(.departure): ["14:30", "half two", "8", "0005", "noon", "25:00"]
            case .collecting(.delay): ["40", "1h05", "over two hours", "cancelled", "on time"]
            case .collecting(.fare): ["£12.50", "12 quid", "SKIP", "£2000"]
            case .collecting(.ticketClass): ["standard", "first", "SKIP"]
            case .collecting(.ticketType): ["advance", "off-peak", "SKIP"]
            case .collecting(.ticketPhoto): ["SKIP"]
            case .choosingStation: ["1", "2", "3", "York"]
            case .choosingTime: ["am", "pm", "1", "14:30"]
            case .confirmingClaim: ["YES", "yes please", "EDIT DATE", "it was 50 minutes", "NO"]
            }
        return answers.randomElement(using: &random) ?? "SKIP"
    }

    /// Every synonym of every command.
    private static let commands: [String] =
        Command.synonyms.flatMap(\.1) + SettingsCommand.synonyms.flatMap(\.1)
        + [
            "DELAY", "CLAIM", "STATUS", "BACK", "CANCEL", "SKIP", "SKIP ALL", "EDIT", "EDIT DATE", "EDIT FROM",
            "EDIT TO",
            "EDIT TIME", "EDIT DELAY", "EDIT FARE", "EDIT CLASS", "EDIT TYPE", "EDIT PHOTO", "WITHDRAW",
            "WITHDRAW DR-34679C", "WITHDRAW DR-ZZZZZZ", "LANGUAGE", "LANGUAGE WELSH", "LANGUAGE FRENCH", "TIME ZONE",
            "TIME ZONE PARIS", "TIME ZONE ATLANTIS", "YES", "YES", "YES", "BACK", "BACK", "NO", "MENU", "MENU", "HELP",
            "DELETE MY DATA",
        ]

    /// What the readers are tested with, of what is short: the long ones are stories.
    private static let all =
        DateReaderTests.table.map(\.0) + TimeReaderTests.table.map(\.0) + DelayReaderTests.table.map(\.0)
        + FareReaderTests.table.map(\.0) + StationReaderTests.table.map(\.0) + JourneyReaderTests.table.map(\.0)
        + SentenceReaderTests.table.map(\.0) + SentenceReaderTests.answers.map(\.1)
    private static let answers = all.filter { $0.utf8.count <= 20 }
    private static let stories = all.filter { $0.utf8.count > 20 }

    private static let samples = Samples.inputs.filter { $0.words.utf8.count < 200 }
    /// As long as WhatsApp carries, and longer; rare, as they take their time.
    private static let endless = Samples.inputs.filter { $0.words.utf8.count >= 200 }

    private static func photo(_ random: inout SplitMix64) -> Conversation.Input {
        .media(
            .init(
                url: "https://example.com/\(Int.random(in: 0..<1000, using: &random))",
                contentType: ["image/jpeg", "image/png", "image/webp", "application/pdf", "audio/ogg"]
                    .randomElement(using: &random) ?? "",
                caption: [nil, nil, "HELP", "£12.50", "leeds to york"].randomElement(using: &random) ?? nil,
                problem: Int.random(in: 0..<5, using: &random) == 0
                    ? Conversation.Media.Problem.allCases.randomElement(using: &random) : nil))
    }

    /// The same in another writing: case, full width, marks that cannot be seen, courtesies.
    private static func disguised(_ input: Conversation.Input, _ random: inout SplitMix64) -> Conversation.Input {
        guard case .text(let text) = input, text.utf8.count < 60 else { return input }
        return switch Int.random(in: 0..<12, using: &random) {
        case 0: .text(text.uppercased())
        case 1: .text(text.lowercased())
        case 2: .text(text.map { "\($0)\u{200B}" }.joined())
        case 3: .text("\u{2068}\(text)\u{2069}")
        case 4: .text("Please, \(text)!!! 😀")
        case 5: .text(text + "\n\n")
        default: input
        }
    }

    private static let ranges: [ClosedRange<UInt32>] = [
        0...0x7F, 0x80...0x24F, 0x300...0x36F, 0x590...0x6FF, 0x200B...0x206F, 0x2460...0x24FF, 0x3040...0x30FF,
        0xD7FF...0xD7FF, 0xE000...0xE0FF, 0xFDD0...0xFDEF, 0xFE00...0xFE0F, 0xFEFF...0xFEFF, 0xFF01...0xFF5E,
        0xFFF9...0xFFFF, 0x1D7CE...0x1D7FF, 0x1F1E6...0x1F1FF, 0x1F300...0x1FAFF, 0xE0000...0xE01EF,
        0x10FF00...0x10FFFF,
    ]

    /// Scalars of every kind, assigned or not, alone or within words that mean something.
    static func noise(_ random: inout SplitMix64) -> String {
        var text = Int.random(in: 0..<3, using: &random) == 0 ? (answers.randomElement(using: &random) ?? "") : ""
        for _ in 0..<Int.random(in: 0...24, using: &random) {
            let range = ranges.randomElement(using: &random) ?? 0...0x7F
            guard let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) else { continue }
            var scalars = text.unicodeScalars
            let place = scalars.index(
                scalars.startIndex, offsetBy: Int.random(in: 0...scalars.count, using: &random))
            scalars.insert(scalar, at: place)
            text = String(scalars)
        }
        return text
    }
}
