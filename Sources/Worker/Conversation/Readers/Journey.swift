/// The two ends of a journey, as far as a message says.
package struct Journey: Hashable, Sendable {
    package typealias End = Found<Station, StationReader.Refusal>

    package var origin: End?
    package var destination: End?
    /// A station of which the message does not say whether the journey began or ended there.
    package var station: End?
    /// Stations that were named only to be ruled out: "from Leeds, not London".
    package var rejected: [Station] = []

    /// Whether both ends are one station, which is no journey.
    package var isNoJourney: Bool {
        guard let origin = origin?.value, let destination = destination?.value else { return false }
        return origin == destination
    }
}
