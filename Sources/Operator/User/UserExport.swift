import ArgumentParser
import Common

struct UserExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints everything that is held about a person, as JSON.",
        discussion: """
            The user and what they set, claims with what is known of their tickets, messages both ways, codes without \
            what could reveal one, events told to other services, dead letters, and where the conversation is.

            It prints personal data in full, for the person themselves: keep it nowhere else.

            EXAMPLES
              operator user export +447700900123 > export.json
              operator user export GB.13491208655302741918
            """)

    @Argument(help: ArgumentHelp("\(SenderArgument.help)", valueName: "number"))
    var person: SenderArgument

    @Flag(name: .long, help: "Taken as everywhere; an export is always JSON.")
    var json = false

    func run() async throws {
        let exported = try await ConnectedOperator.with { servers in
            try await servers.recordDeadLetters()
            let found = try await SoughtPerson.find(person, on: servers)
            let export = PersonExport(person: found, servers: servers)
            guard let value = try await export.value() else {
                throw UnknownPerson(shown: ChannelAddress(person.text)?.description ?? "…")
            }
            return value
        }
        Output.complain("note: this is personal data in full, for the person themselves")
        Output.write(exported)
    }
}
