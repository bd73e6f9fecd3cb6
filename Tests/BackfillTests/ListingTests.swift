import Common
import TestSupport
import Testing

@testable import Backfill

@Suite struct ListingTests {
    /// Walks today and gives back what was visited.
    func walk(
        _ listing: MessageListing, since: Timestamp = .now - .seconds(7200), limits: BackfillLimits = .quick
    ) async throws -> [MessageSID] {
        var budget = MessageListing.Budget(limits)
        var visited: [MessageSID] = []
        try await listing.walk(to: FakeProvider.ours, day: Day(.now), since: since, &budget) { page in
            visited += page.messages.map(\.sid)
        }
        return visited
    }

    @Test func pagesAreFollowedToTheLast() async throws {
        var limits = BackfillLimits.quick
        limits.pageSize = 2
        try await withProvider(limits) { provider, listing in
            provider.add((1...5).map { message($0, age: 0) })
            provider.add(message(9, age: 0, to: "whatsapp:+14155238887"))
            let visited = try await walk(listing)
            #expect(visited == [5, 4, 3, 2, 1].map { sid($0) })
            #expect(provider.targets.count == 3)
            #expect(provider.targets[0].contains("To=whatsapp%3A%2B14155238886&DateSent=\(Day(.now).text)&PageSize=2"))
        }
    }

    @Test func olderPagesThanWantedAreLeft() async throws {
        var limits = BackfillLimits.quick
        limits.pageSize = 2
        try await withProvider(limits) { provider, listing in
            // The same moment, so that all are of one day whenever the test runs.
            provider.add((1...6).map { message($0, age: 0) })
            let visited = try await walk(listing, since: .now + .seconds(3700))
            #expect(visited.count == 2 && provider.targets.count == 1)
        }
    }

    @Test(arguments: [
        "https://elsewhere.example/2010-04-01/Accounts/\(FakeProvider.account)/Messages.json?Page=1",
        "//elsewhere.example/2010-04-01/Accounts/\(FakeProvider.account)/Messages.json",
        "@elsewhere.example/2010-04-01/Accounts/\(FakeProvider.account)/Messages.json",
        "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json",
        "/2010-04-01/Accounts/\(FakeProvider.account)/../AC1/Messages.json", "Messages.json?Page=1", "",
    ])
    func aPageElsewhereIsNotFollowed(uri: String) async throws {
        try await withProvider { provider, listing in
            provider.add(message(1, age: 0))
            provider.next(uri)
            await #expect(throws: BackfillError.foreignPage) { try await walk(listing) }
            #expect(provider.targets.count == 1)
        }
    }

    @Test func itsOwnAbsoluteAddressIsFollowed() async throws {
        try await withProvider { provider, listing in
            let own = "/2010-04-01/Accounts/\(FakeProvider.account)/Messages.json?Page=1"
            let path = try listing.path(following: provider.url + own)
            #expect(path == own)
        }
    }

    @Test func anEndlessListEnds() async throws {
        var limits = BackfillLimits.quick
        limits.pages = 5
        try await withProvider(limits) { [limits] provider, listing in
            provider.add(message(1, age: 0))
            provider.next("/2010-04-01/Accounts/\(FakeProvider.account)/Messages.json?Page=1")
            await #expect(throws: BackfillError.tooManyPages(5)) { try await walk(listing, limits: limits) }
            #expect(provider.targets.count == 5)
        }
    }

    @Test func rateLimitsAndErrorsAreWaitedOut() async throws {
        try await withProvider { provider, listing in
            provider.add(message(1, age: 0))
            provider.trouble(.status(429), .status(500), .status(503), .status(429, retryAfter: 0))
            let visited = try await walk(listing)
            #expect(visited == [sid(1)] && provider.targets.count == 5)
        }
    }

    @Test func theProvidersWishToWaitIsHeeded() async throws {
        try await withProvider { provider, listing in
            provider.trouble(.status(429, retryAfter: 1))
            let start = ContinuousClock.now
            _ = try await walk(listing)
            #expect(.now - start >= .seconds(1))
        }
    }

    @Test func patienceEnds() async throws {
        try await withProvider { provider, listing in
            provider.trouble(.status(500), .status(500), .status(500), .status(500), .status(502))
            await #expect(throws: BackfillError.unavailable("it answered 502")) { try await walk(listing) }
        }
    }

    @Test(arguments: [401, 403, 404, 400])
    func aRefusalIsFinal(status: Int) async throws {
        try await withProvider { provider, listing in
            provider.trouble(.status(status))
            await #expect(throws: BackfillError.refused(status: status)) { try await walk(listing) }
            #expect(provider.targets.count == 1)
        }
    }

    @Test func aProviderThatHangsIsAskedAgain() async throws {
        try await withProvider { provider, listing in
            provider.add(message(1, age: 0))
            provider.trouble(.hang)
            let visited = try await walk(listing)
            #expect(visited == [sid(1)])
        }
    }

    @Test func whatIsNoListIsRefused() async throws {
        try await withProvider { provider, listing in
            provider.trouble(.body("<html>"))
            await #expect(throws: BackfillError.unreadable) { try await walk(listing) }
        }
    }

    @Test func mediaAreAskedForAndMayBeGone() async throws {
        try await withProvider { provider, listing in
            let withPhoto = message(3, media: 2)
            provider.add(withPhoto)
            let end = ContinuousClock.now + .seconds(5)
            let media = try await listing.media(of: withPhoto, until: end)
            #expect(
                media.map(\.url)
                    == (0..<2).map {
                        "\(provider.url)/2010-04-01/Accounts/\(FakeProvider.account)/Messages/\(withPhoto.sid)/Media/ME\($0)"
                    })
            provider.trouble(.status(404))
            let none = try await listing.media(of: withPhoto, until: end)
            #expect(none == [])
            let asked = provider.targets.count
            _ = try await listing.media(of: message(4), until: end)
            #expect(provider.targets.count == asked)
        }
    }
}

@Suite struct DecodingTests {
    @Test func aPageIsRead() throws {
        let json = """
            {"messages":[{"sid":"SM\(String(repeating: "a", count: 32))","account_sid":"AC1","direction":"inbound",
            "from":"whatsapp:+447700900123","to":"whatsapp:+14155238886","body":null,"num_media":"1",
            "date_created":"Thu, 24 Aug 2023 05:01:45 +0000","date_sent":null,"error_code":null,"price":null,
            "messaging_service_sid":"MG1","api_version":"2010-04-01"},
            {"sid":"nonsense","from":"x","to":"y","date_created":"Thu, 24 Aug 2023 05:01:45 +0000"},
            {"sid":"SM\(String(repeating: "b", count: 32))","from":"whatsapp:+447700900123","to":"y","date_created":"soon"}],
            "next_page_uri":null,"page":0}
            """
        let page = try #require(ListedPage(json: Array(json.utf8)))
        #expect(page.messages.count == 1 && page.unreadable == 2 && page.next == nil)
        let first = page.messages[0]
        #expect(first.body == "" && first.mediaCount == 1 && first.isInbound)
        #expect(first.created == Timestamp(seconds: 1_692_853_305) && first.sent == first.created)
        #expect(ListedPage(json: Array("{}".utf8)) == nil)
    }
}
