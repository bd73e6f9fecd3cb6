/// Asks whose conversation is to be told.
struct SearchPage: Sendable {
    /// Why what was given leads nowhere.
    var problem: String?

    func html(_ session: Session) -> HTML {
        let told: HTML? = problem.map {
            #"<p class="notice failed" role="alert" id="problem" data-testid="problem">\#($0)</p>"#
        }
        return #"""
            <h1>Conversations</h1>\#(told)
            <p class="soft lead">What one person wrote, what was answered, what came of it, and where the conversation is now. Numbers and words are hidden at first.</p>
            \#(Self.form(session, hasProblem: problem != nil))
            """#
    }

    /// The words are posted, so that no number is in an address, a history or a log.
    static func form(_ session: Session, hasProblem: Bool = false) -> HTML {
        let described: HTML = hasProblem ? #" aria-invalid="true" aria-describedby="problem""# : ""
        return #"""
            <form class="search" method="post" action="/conversations" role="search" aria-label="Conversations" autocomplete="off">\#(session.field)
            <label>Phone number, MessageSid or correlation id <input name="words" required maxlength="200" autocomplete="off" spellcheck="false" inputmode="text" placeholder="+44 7700 900123" data-testid="words"\#(described)></label>
            <button class="primary" data-testid="search">Show</button></form>
            """#
    }
}
