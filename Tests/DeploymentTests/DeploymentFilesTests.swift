import Common
import Glibc
import TestSupport
import Testing

/// What the service is deployed with is right in itself and fits the programs (Tests/Python/check_deployment.py).
@Suite struct DeploymentFilesTests {
    @Test func theImageHasWhatTheProgramsNeedAndNothingElse() async throws {
        let seen = try await PythonProgram.checkDeployment("image", Product.programs)
        #expect(seen.contains("libpq5"))
    }

    @Test func theServicesOfRailwayAreThoseOfTheProcfile() async throws {
        #expect(try await PythonProgram.checkDeployment("railway") == "3 services")
    }

    @Test func systemdFindsNothingWrongAndLittleExposed() async throws {
        #expect(try await PythonProgram.checkDeployment("systemd", Product.programs) == "4 units")
    }

    @Test func everythingThatTheWorkflowCallsExists() async throws {
        #expect(try await PythonProgram.checkDeployment("workflow").hasSuffix("commands"))
    }

    /// `deploy/healthcheck`, which the image runs, tells a healthy process from a broken one and from none.
    @Test(.timeLimit(.minutes(2))) func theImagesHealthCheckTellsHealthyFromNot() async throws {
        try await withProduct { product in
            let ingest = try await product.start(.ingest)
            #expect(try await healthcheck(product) == .exit(0))
            await product.redis.process.send(SIGSTOP)
            let broken = try await healthcheck(product)
            await product.redis.process.send(SIGCONT)
            #expect(broken == .exit(1))
            try await ingest.stop(SIGTERM)
            #expect(try await healthcheck(product) == .exit(1))
        }
    }

    private func healthcheck(_ product: Product) async throws -> ServerProcess.Ending? {
        let check = ServerProcess(
            "env", ["-i", "PORT=\(product.ports[.ingest] ?? 0)", PythonProgram.root + "/deploy/healthcheck"],
            log: product.directory + "/healthcheck.log")
        try await check.start()
        return try await check.end()
    }
}
