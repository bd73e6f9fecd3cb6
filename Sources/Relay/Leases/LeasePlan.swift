/// What a relay does about shards: give some back, take some, or neither.
struct LeasePlan: Hashable, Sendable {
    /// Shards of ours to be released, so that another relay has its share.
    var release: [Int] = []
    /// How many free shards to claim.
    var claim = 0

    /// Who holds a shard; nil when nobody does or the lease ran out.
    typealias Owners = [Int: String?]

    /// Decides for `me`; `relays` are those alive, in any order, ours among them or not.
    ///
    /// All relays reckon with the same names, so what one releases is exactly what another claims.
    init(for me: String, relays: Set<String>, owners: Owners) {
        let share = Self.share(of: me, among: relays.union([me]), shards: owners.count)
        let ours = owners.filter { $0.value == me }.keys.sorted()
        if ours.count > share {
            release = Array(ours[share...])
        } else {
            claim = min(share - ours.count, owners.values.count { $0 == nil })
        }
    }

    /// How many of `shards` are for `me`: an equal part, and one more for the first names when it does not come out even.
    static func share(of me: String, among relays: Set<String>, shards: Int) -> Int {
        let names = relays.sorted()
        guard let place = names.firstIndex(of: me) else { return 0 }
        return shards / names.count + (place < shards % names.count ? 1 : 0)
    }
}
