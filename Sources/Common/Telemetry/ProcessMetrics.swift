import Glibc

/// This process in `/proc`, read when the page is asked for; names as every Prometheus client library has them.
enum ProcessMetrics {
    static func visit(_ page: inout some MetricSink) {
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // proc(5): the fields after the command's name, which is in brackets and may hold anything; the third is first.
        let fields = ProcFile.text("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        if fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = Double(fields[19]), let pages = Double(fields[21]), let virtual = Double(fields[20])
        {
            let resident = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
            page.sample(
                "process_cpu_seconds_total", "counter", "CPU time spent, user and system.", (user + system) / ticks)
            page.sample("process_resident_memory_bytes", "gauge", "Resident memory.", resident)
            page.sample("process_virtual_memory_bytes", "gauge", "Virtual memory.", virtual)
            if let boot = bootTime() {
                page.sample(
                    "process_start_time_seconds", "gauge", "Start, in seconds since 1970.", boot + start / ticks)
            }
        }
        if let open = openDescriptors() {
            page.sample("process_open_fds", "gauge", "Open file descriptors.", Double(open))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            page.sample(
                "process_max_fds", "gauge", "Most file descriptors allowed.", Double(limit.rlim_cur))
        }
    }

    private static func bootTime() -> Double? {
        ProcFile.text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst("btime ".count)) }
    }

    private static func openDescriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count - 3  // ".", ".." and the one this reading took
    }
}

extension MetricSink {
    fileprivate mutating func sample(_ name: String, _ kind: String, _ help: String, _ value: Double) {
        family(name, kind: kind, help: help)
        sample(name, .none, extra: nil, value)
    }
}
