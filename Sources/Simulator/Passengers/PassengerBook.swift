import Common

/// Everybody whom the page plays, found by id or by address.
struct PassengerBook: Sendable {
    /// How many phones are kept; what is sent to further numbers is delivered, and seen by nobody.
    static let limit = 200

    private(set) var all: [Passenger] = []
    private var byAddress: [String: Int] = [:]

    /// Adds a phone.
    ///
    /// - Throws: a refusal with the reason when the number is no E.164 number, taken, or the book is full.
    mutating func add(name: String, number: String?, username: String?) throws(PassengerRefusal) -> Passenger {
        let name = String(name.prefix(80))
        guard !name.isEmpty else { throw PassengerRefusal("A passenger needs a name.") }
        guard number != nil || username != nil else {
            throw PassengerRefusal("A passenger needs a number or a username.")
        }
        if let number {
            guard CreateRequest.isAddress(number) else {
                throw PassengerRefusal("The number must look like +447700900123.")
            }
            guard byAddress[number] == nil else { throw PassengerRefusal("There is a phone with this number.") }
        }
        guard all.count < Self.limit else { throw PassengerRefusal("There are \(Self.limit) phones already.") }
        var random = SecureRandom()
        let passenger = Passenger(
            id: "p\(all.count + 1)", name: name, number: number, username: username.map { String($0.prefix(40)) },
            userID: username == nil ? nil : "GB.\(UInt64.random(in: 10_000_000_000_000_000...(.max), using: &random))")
        all.append(passenger)
        byAddress[passenger.whatsAppAddress] = all.count - 1
        if let number { byAddress[number] = all.count - 1 }
        return passenger
    }

    subscript(id id: String) -> Passenger? {
        guard id.hasPrefix("p"), let place = Int(id.dropFirst()), all.indices.contains(place - 1) else { return nil }
        return all[place - 1]
    }

    func owner(of address: String) -> Passenger? { byAddress[address].map { all[$0] } }

    /// Records STOP or START by SMS.
    mutating func setStopped(_ isStopped: Bool, id: String) -> Passenger? {
        guard let passenger = self[id: id], let place = byAddress[passenger.whatsAppAddress] else { return nil }
        all[place].hasStoppedSMS = isStopped
        return all[place]
    }
}

/// Why a phone was not added, in words for the page.
struct PassengerRefusal: Error, Hashable, Sendable {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
