import Common
import NIOHTTP1
import TestSupport
import Testing

@testable import Simulator

@Suite struct StatusCallbackTests {
    private static let callback = RunningSimulator.publicBase + "/webhook/twilio/status?m=42&a=1"

    private func fault(_ simulator: RunningSimulator, _ json: String) async throws {
        let answer = try await simulator.api(.POST, "/api/faults", json)
        #expect(answer.status == 201)
    }

    @Test func theyComeSignedInOrder() async throws {
        try await withSimulator { simulator in
            let sid = try await simulator.create(callback: Self.callback).json["sid"].string
            let webhooks = try await simulator.service.webhooks(3)
            #expect(simulator.service.told == ["sent", "delivered", "read"])
            for webhook in webhooks {
                #expect(webhook.target == "/webhook/twilio/status?m=42&a=1")
                #expect(webhook.refusal() == nil)
                #expect(webhook.form["MessageSid"] == sid && webhook.form["SmsSid"] == sid)
                #expect(webhook.form["SmsStatus"] == webhook.form["MessageStatus"])
                #expect(webhook.form["ChannelPrefix"] == "whatsapp")
                #expect(webhook.form["ChannelToAddress"] == "+447700900XXX")
            }
            #expect(webhooks[2].form["EventType"] == "READ")
            #expect(webhooks[1].form["EventType"] == nil)
        }
    }

    @Test func anSMSIsNeverRead() async throws {
        try await withSimulator { simulator in
            let answer = try await simulator.create(
                "123456", to: "+447700900123", from: RunningSimulator.smsSender, callback: Self.callback)
            let sid = try #require(answer.json["sid"].string)
            _ = try await simulator.service.webhooks(2)
            #expect(simulator.service.told == ["sent", "delivered"])
            #expect(await simulator.simulation.message(sid)?.status == .delivered)
        }
    }

    @Test(arguments: [
        ("dropCallback", ["delivered", "read"]), ("duplicateCallback", ["sent", "sent", "delivered", "read"]),
        ("delayCallback", ["delivered", "sent", "read"]),
    ])
    func theyAreDroppedRepeatedAndSwapped(_ kind: String, told: [String]) async throws {
        try await withSimulator { simulator in
            try await fault(simulator, #"{"kind":"\#(kind)"}"#)
            _ = try await simulator.create(callback: Self.callback)
            _ = try await simulator.service.webhooks(told.count)
            #expect(simulator.service.told == told)
            // The next message has none of it.
            _ = try await simulator.create(callback: Self.callback)
            _ = try await simulator.service.webhooks(told.count + 3)
            #expect(simulator.service.told.suffix(3) == ["sent", "delivered", "read"])
        }
    }

    @Test func aMessageThatIsNotDeliveredSaysWhy() async throws {
        try await withSimulator { simulator in
            try await fault(simulator, #"{"kind":"undelivered","errorCode":63024}"#)
            let uri = try #require(try await simulator.create(callback: Self.callback).json["uri"].string)
            let form = try await simulator.service.webhooks(1)[0].form
            #expect(form["MessageStatus"] == "undelivered" && form["ErrorCode"] == "63024")
            #expect(form["ChannelStatusMessage"] == "Invalid message recipient")
            let message = try await simulator.twilio(.GET, uri).json
            #expect(message["error_code"] == 63024 && message["error_message"] == "Invalid message recipient")
        }
    }
}
