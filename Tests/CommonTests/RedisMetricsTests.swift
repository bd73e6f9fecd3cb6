import Testing

@testable import Common

@Suite struct RedisMetricsTests {
    @Test func commandsAreCountedUnderTheirNames() {
        let registry = PrometheusRegistry()
        let metrics = RedisMetrics(factory: registry)
        metrics.record("GET", .milliseconds(2))
        metrics.record("GET", .milliseconds(2))
        metrics.record("FCALL", .seconds(1))
        let text = registry.render()
        #expect(text.contains(#"whatsapp_redis_command_seconds_count{command="get"} 2"#))
        #expect(text.contains(#"whatsapp_redis_command_seconds_count{command="fcall"} 1"#))
    }

    @Test func namesCannotGrowWithoutLimit() {
        let registry = PrometheusRegistry()
        let metrics = RedisMetrics(factory: registry)
        for number in 0..<100 { metrics.record("C\(number)", .zero) }
        #expect(registry.render().contains(#"whatsapp_redis_command_seconds_count{command="other"} 36"#))
    }
}
