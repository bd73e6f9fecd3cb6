import Common
import NIOHTTP1

extension Product {
    /// Posts an event to ingest as another service does, signed as Standard Webhooks have it, and gives back the status.
    package func post(event body: String, id: String, secret: String) async throws -> Int {
        let (bytes, now) = (Array(body.utf8), Timestamp.now.seconds)
        var request = HTTPRequest(.POST, url(.ingest, "/events"), body: bytes)
        request.headers = [
            "Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": "\(now)",
            "webhook-signature": StandardWebhookKeys(secret)?.signature(id: id, timestamp: now, body: bytes) ?? "",
        ]
        return try await http.send(request).status
    }
}
