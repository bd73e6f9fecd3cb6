import Common

@main struct IngestMain {
    static func main() async {
        await ServiceProcess.run("ingest", configuration: { IngestConfiguration(reading: &$0) }) {
            configuration, context in
            IngestServices.make(configuration, context)
        }
    }
}
