import Common
import NIOHTTP1
import TestSupport
import Testing

/// Which addresses a webhook may have, asked of each connection.
@Suite struct AddressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
        "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
        "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:1::1", "2001:10::1",
        "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1",
        "ff02::1",
    ])
    func whatIsNotOfTheInternet(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(!address.isPublic)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00::1",
        "3ffe::1",
    ])
    func whatIs(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.isPublic)
    }

    @Test(arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "::g", "[::1]"]) func whatIsNoAddress(text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    /// However it is spelled, nobody is connected to; and a name counts as what it leads to.
    @Test(arguments: [
        "127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]",
    ])
    func aPrivateAddressIsNotConnectedTo(host: String) async throws {
        let listener = try RawListener()
        let client = HTTPClient(reactor: Reactor(name: "client"), addresses: .publicOnly)
        var request = HTTPRequest(.POST, "http://\(host):\(listener.port)/", body: [1])
        request.timeout = .seconds(5)
        let error = await failure(of: request, from: client)
        await client.close()
        #expect(error?.code == .addressRefused, "\(String(describing: error))")
        #expect(error?.isProvablyNotSent == true)
        #expect(listener.acceptNow() == nil)
    }

    @Test func anAddressOfNobodyIsStillNotConnectedTo() async throws {
        let client = HTTPClient(reactor: Reactor(name: "client"))
        let error = await failure(of: HTTPRequest(.GET, "http://127.0.0.1:\(try freePort())/"), from: client)
        await client.close()
        #expect(error?.code == .couldNotConnect)
    }

    private func failure(of request: HTTPRequest, from client: HTTPClient) async -> HTTPError? {
        do {
            _ = try await client.send(request)
            return nil
        } catch {
            return error
        }
    }
}
