import Testing

@testable import Conversation

@Suite struct CommandTests {
    @Test(arguments: Samples.texts.map(\.meaning), [0]) func samplesMeanWhatTheySay(meaning: Command?, _: Int) {
        for texts in Samples.texts where texts.meaning == meaning {
            for text in texts.texts { #expect(Command(reading: text) == meaning, "\(text)") }
        }
    }

    /// No phrase is listed for two commands, and each is written in the form in which texts are compared.
    @Test func everySynonymIsRead() {
        for (command, phrases) in Command.synonyms {
            for phrase in phrases {
                #expect(Command(reading: phrase) == command, "\(phrase)")
                #expect(Command(reading: phrase.uppercased() + "!!") == command, "\(phrase)")
                #expect(Command(reading: "  please, \(phrase)…thanks 😀") == command, "\(phrase)")
            }
        }
    }

    @Test(arguments: [
        "don't stop", "stop at Leeds", "yes and no", "the menu of the train", "help yourself to it all, my dear friend",
        "start of the journey", "no train came", "noon", "okra", "yesterday", "terminal", "🚂", ".", "!!!",
        String(repeating: "stop ", count: 60), "stop" + String(repeating: "p", count: 300),
    ])
    func storiesAreNoCommands(text: String) {
        #expect(Command(reading: text) == nil)
    }

    @Test(arguments: [
        ("ｙｅｓ", Command.yes), ("S\u{200B}TOP", .stop), ("\u{202E}STOP", .stop),
        ("Hi there! Thank you so much", .greeting), ("don't agree", nil),
        ("I don`t agree", .no), ("???", .help), ("STOP\u{0}", .stop), ("s t o p", nil), ("Stop.", .stop),
    ])
    func unusualWriting(text: String, command: Command?) {
        #expect(Command(reading: text) == command)
    }
}
