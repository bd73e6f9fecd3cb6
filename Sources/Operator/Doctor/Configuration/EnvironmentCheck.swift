import Common

/// Whether APP_ENV and the addresses belong together.
struct EnvironmentCheck: DoctorCheck {
    static let name = "environment"
    let isProduction: Bool
    let publicBase: WebAddress?
    let api: WebAddress?

    var findings: [Finding] {
        var found: [Finding] = []
        let isPublic = publicBase.map { HostReach($0.host) == .everywhere } ?? false
        if let publicBase, isProduction, !isPublic {
            found.append(
                .problem(
                    "APP_ENV is production, and Twilio cannot reach PUBLIC_BASE_URL, which is on this machine or in a private network",
                    mend:
                        "set PUBLIC_BASE_URL to the https address that Twilio calls, without the route; now it names \(publicBase.host)"
                ))
        }
        if isPublic, !isProduction {
            found.append(
                .warning(
                    "PUBLIC_BASE_URL is a public address, and APP_ENV is not production",
                    mend:
                        "set APP_ENV=production: it makes development's liberties (plain http, private webhook addresses) errors"
                ))
        }
        if let api, isProduction, !api.host.hasSuffix("twilio.com") {
            found.append(
                .problem(
                    "TWILIO_API_BASE_URL does not lead to Twilio but to \(api.host)",
                    mend: "unset TWILIO_API_BASE_URL: the simulator and the like are for development"))
        }
        return found.orOK(isProduction ? "production" : "development or test")
    }
}

/// From where a host can be reached.
enum HostReach: Hashable, Sendable {
    case machine, privateNetwork, everywhere

    /// Judged by the name alone: names without a dot and those of private zones are in a private network.
    init(_ host: String) {
        let name = host.lowercased()
        if name.isEmpty || name.hasPrefix("/") || name.hasPrefix("@") || name == "localhost" || name == "::1" {
            self = .machine
            return
        }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        if numbers.count == 4, let first = numbers[0], let second = numbers[1], !numbers.contains(nil) {
            switch (first, second) {
            case (127, _): self = .machine
            case (10, _), (192, 168), (169, 254), (172, 16...31), (100, 64...127): self = .privateNetwork
            case _: self = .everywhere
            }
            return
        }
        if name.contains(":") {
            self =
                ["fc", "fd", "fe8", "fe9", "fea", "feb"].contains { name.hasPrefix($0) } ? .privateNetwork : .everywhere
            return
        }
        let zones = [".internal", ".local", ".localdomain", ".lan", ".svc", ".test", ".localhost"]
        self = !name.contains(".") || zones.contains { name.hasSuffix($0) } ? .privateNetwork : .everywhere
    }
}
