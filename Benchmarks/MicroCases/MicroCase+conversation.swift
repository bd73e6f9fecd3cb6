import Conversation

extension MicroCase {
    /// Somebody registered, at the menu, on a Sunday evening in November.
    private static let context = Conversation.Context(
        user: Conversation.User(
            isNew: false, displayName: "Ada", phoneNumber: "+447700900123", isKnownByUsernameOnly: false,
            isVerified: true, termsAccepted: true, isOptedOut: false),
        codeCheck: .noCode, codeAllowance: .allowed, termsURL: "https://bot.example.com/terms", termsVersion: "1",
        codeChannel: .sms,
        claiming: Conversation.Claiming(
            now: LondonTime.local(atSecondsSince1970: 1_795_370_400), windowDays: 28, reference: "DR-7K3M9Q", claims: []
        ))

    private static let sentence = "the 14:30 from kings x to edinburgh waverley yesterday was 40 minutes late"

    /// What the worker decides, without a database.
    static var conversation: [MicroCase] {
        let stations = StationReader()
        let claiming = Conversation.reduce(.menu(), .text(sentence), context).state
        let stored = StoredState(claiming)
        return [
            MicroCase("reduce: HELP at the menu") { use(Conversation.reduce(.menu(), .text("help"), context)) },
            MicroCase("reduce: a journey in a sentence") {
                use(Conversation.reduce(.menu(), .text(sentence), context))
            },
            MicroCase("reduce: YES in a claim") { use(Conversation.reduce(claiming, .text("yes"), context)) },
            MicroCase("station: by name") { use(stations.read("edinburgh waverley")) },
            MicroCase("station: with a typing error") { use(stations.read("edinbrugh waverly")) },
            MicroCase("station: none like it") { use(stations.read("somewhere over the rainbow")) },
            MicroCase("state: store") { use(StoredState(claiming)) },
            MicroCase("state: restore") { use(try? stored.state()) },
        ]
    }
}
