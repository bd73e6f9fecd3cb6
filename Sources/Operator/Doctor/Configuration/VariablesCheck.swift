import Common

/// Whether every variable of every process can be read.
struct VariablesCheck: DoctorCheck {
    static let name = "variables"
    /// How many there are.
    let read: Int
    let problems: [ConfigurationProblems.Problem]

    var findings: [Finding] {
        problems.map { problem in
            .problem(
                "\(problem.name): \(problem.text)",
                mend: "set \(problem.name) for every process that reads it; .env.example says what it is for")
        }
        .orOK("\(read) variables, none of them wrong")
    }
}

/// Whether a variable that means nothing was meant as one of ours.
struct TyposCheck: DoctorCheck {
    static let name = "typos"

    struct Suspect: Hashable, Sendable {
        var found: String
        var meant: String
    }

    let suspects: [Suspect]

    var findings: [Finding] {
        suspects.map { suspect in
            .warning(
                "\(suspect.found) means nothing here, and \(suspect.meant) is not set",
                mend: "rename \(suspect.found) to \(suspect.meant), or remove it")
        }
        .orOK("no variable looks like a misspelt one of ours")
    }
}
