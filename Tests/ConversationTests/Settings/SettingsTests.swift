import FoundationEssentials
import Testing

@testable import Conversation

@Suite struct SettingsTests {
    @Test(arguments: [
        ("SETTINGS", SettingsCommand.show), ("settings please", .show), ("my preferences", .show),
        ("Change my settings", .show), ("NOTIFICATIONS OFF", .change(.notifications(false))),
        ("mute", .change(.notifications(false))), ("Please turn off notifications", .change(.notifications(false))),
        ("stop notifications", .change(.notifications(false))), ("unmute", .change(.notifications(true))),
        ("turn notifications on, thanks!", .change(.notifications(true))),
        ("notifications", .unclear(.notifications)), ("LANGUAGE WELSH", .change(.language(.welsh))),
        ("language: english", .change(.language(.english))), ("Cymraeg", .change(.language(.welsh))),
        ("change language to Welsh please", .change(.language(.welsh))), ("change language", .unclear(.language)),
        ("my language is english", .change(.language(.english))), ("LANGUAGE", .unclear(.language)),
        ("language french", .unclear(.language)), ("TIME ZONE Paris", .change(.timeZone("Europe/Paris"))),
        ("timezone europe/paris", .change(.timeZone("Europe/Paris"))),
        ("Set my time zone to New York", .change(.timeZone("America/New_York"))),
        ("my time zone is America/New_York", .change(.timeZone("America/New_York"))),
        ("time zone UK", .change(.timeZone("Europe/London"))), ("TIME ZONE", .unclear(.timeZone)),
        ("time zone Atlantis", .unclear(.timeZone)), ("time zone ../../etc/passwd", .unclear(.timeZone)),
        ("ＳＥＴＴＩＮＧＳ", .show),
    ])
    func commandsAreRead(text: String, command: SettingsCommand) {
        #expect(SettingsCommand(reading: text) == command)
        #expect(Command(reading: text) == nil, "it would be taken for something else")
    }

    @Test(arguments: [
        "", "stop", "the time was 14:30", "change time", "edit time", "time", "paris", "leeds to york", "YES",
        "set", "to", "notifications off about my claims but not about the rest of it all", "english breakfast",
    ])
    func othersAreNone(text: String) {
        #expect(SettingsCommand(reading: text) == nil)
    }

    @Test func everySynonymIsReadOnce() {
        var seen: Set<String> = []
        for (command, phrases) in SettingsCommand.synonyms {
            for phrase in phrases where phrase != "english please" && phrase != "saesneg" {
                #expect(seen.insert(phrase).inserted, "\(phrase) twice")
                #expect(SettingsCommand(reading: phrase.uppercased() + "!") == command, "\(phrase)")
                #expect(Command(reading: phrase) == nil && ClaimCommand(reading: phrase) == nil, "\(phrase)")
            }
        }
    }

    /// Nothing of the draft and nothing of the place changes, whatever is asked of the settings.
    @Test func theyAreUnderstoodEverywhere() {
        for world in Everywhere.known {
            for (text, words) in [
                ("SETTINGS", "Your settings:"), ("mute", "Notifications are off"), ("LANGUAGE WELSH", "Welsh"),
                ("TIME ZONE PARIS", "Europe/Paris"), ("language", "LANGUAGE WELSH"), ("notifications", "NOTIFICATIONS"),
                ("time zone x", "TIME ZONE PARIS"),
            ] {
                var next = world
                let reply = next.say(text)
                #expect(reply.contains(words), "\(text) at \(StoredState(world.state)): \(reply)")
                #expect(next.state.draft == world.state.draft)
                if world.state != .start { #expect(next.state == world.state) }
                #expect((1...1000).contains(reply.utf16.count) && next.inconsistencies.isEmpty)
                if let asked = question(world) { #expect(reply.hasSuffix(asked), "the question is asked again") }
            }
        }
    }

    private func question(_ world: World) -> String? {
        Conversation.question(world.state, .init(.text(""), world.context(.text(""))))?.text
    }

    @Test func aChangeIsKeptAndShown() {
        var world = Everywhere.world(.menu(), Samples.user(verified: true, terms: true))
        #expect(world.say("settings").contains("Notifications: on"))
        for text in ["NOTIFICATIONS OFF", "LANGUAGE WELSH", "TIME ZONE Lisbon"] { world.say(text) }
        let shown = world.say("settings")
        for words in ["Notifications: off", "Language: Welsh", "Europe/Lisbon", "NOTIFICATIONS ON", "LANGUAGE ENGLISH"]
        {
            #expect(shown.contains(words), "\(words)")
        }
        #expect(world.faults.isEmpty)
    }

    /// What is so already is said again, and neither stored nor published once more.
    @Test func nothingIsChangedTwice() {
        var world = Everywhere.world(.menu(), Samples.user(verified: true, terms: true))
        for text in ["NOTIFICATIONS ON", "LANGUAGE ENGLISH", "TIME ZONE LONDON"] {
            let transition = world.receive(.text(text))
            #expect(transition.deeds.isEmpty && transition.replies.count == 1, "\(text)")
        }
        #expect(world.receive(.text("mute")).deeds == [.changePreference(.notifications(false))])
        #expect(world.receive(.text("mute")).deeds.isEmpty)
    }

    @Test func zonesAreKnownByNameAndCity() {
        for (name, aliases) in Conversation.TimeZoneName.all {
            #expect(Conversation.TimeZoneName(name)?.name == name)
            let city = name.split(separator: "/").last.map(String.init) ?? ""
            for form in [name, name.lowercased(), city, city.replacing("_", with: " ")] + aliases {
                let command = SettingsCommand(reading: "time zone \(form)")
                #expect(command == .change(.timeZone(name)), "\(form)")
            }
        }
        for name in ["europe/london", "Europe/Atlantis", "", "London", "Europe/London "] {
            #expect(Conversation.TimeZoneName(name) == nil)
        }
    }

    /// The names are those of the tz database, as far as this machine has one.
    @Test func zonesExist() {
        guard FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/London") else { return }
        for name in Conversation.TimeZoneName.names {
            #expect(FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/\(name)"), "\(name)")
        }
    }

    /// Someone who has never written has no settings yet: they are welcomed.
    @Test func strangersAreWelcomedFirst() {
        var world = Everywhere.stranger()
        #expect(world.say("settings").contains("Reply YES") && world.state == .awaitingTerms())
        #expect(world.say("settings").contains("Your settings:"))
    }
}
