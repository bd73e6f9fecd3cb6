import TestSupport

@testable import Conversation

/// What people, keyboards and mischief send.
enum RandomInput {
    static func next(_ world: World, _ random: inout SplitMix64) -> Conversation.Input {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<3: .text(world.challenge?.code ?? "000000")
        case 3..<12: .text("000 000")
        case 12..<16: .text(Bool.random(using: &random) ? "07700 900123" : "+33 6 12 34 56 78")
        case 16..<35: .text("YES")
        case 35..<85:
            Samples.inputs.randomElement(using: &random).map { disguised($0, &random) } ?? .text("")
        default: .text(noise(&random))
        }
    }

    /// The same in another writing: case, full width, marks that cannot be seen, courtesies.
    private static func disguised(_ input: Conversation.Input, _ random: inout SplitMix64) -> Conversation.Input {
        guard case .text(let text) = input, text.count < 100 else { return input }
        return switch Int.random(in: 0..<8, using: &random) {
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
        0xFE00...0xFE0F, 0xFF01...0xFF5E, 0x1F300...0x1FAFF, 0xE0000...0xE01EF, 0x10FF00...0x10FFFF,
    ]

    static func noise(_ random: inout SplitMix64) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            let range = ranges.randomElement(using: &random) ?? 0...0x7F
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
