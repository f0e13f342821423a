// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Store

@testable import Portal

/// Pages of a hub with 10,000 devices, from the parsed request to the last byte of HTML, and what a browser that listens costs.
enum PageBenchmarks {
    private static let count = 10_000
    private static let now = UnixTime(seconds: 1_800_000_000)

    static func run() {
        let folder = "\(ProcessEnvironment.value("TMPDIR") ?? "/tmp")/hairpin-benchmark"
        func clear() { for name in (try? Files.list(folder)) ?? [] { try? Files.remove("\(folder)/\(name)") } }
        clear()
        defer { clear() }
        do {
            let hub = try BenchmarkHub(folder: folder, devices: count, now: now)
            let (some, other) = (hub.devices[count / 2].id, hub.devices[count / 3].id)
            let pages = [
                "/devices", "/devices?page=100", "/devices?sort=-rate", "/devices?state=online", "/devices?q=device-77", "/devices/\(some)",
                "/devices/\(some)?range=1y", "/settings/\(some)/edit", "/settings/defaults", "/reachability",
                "/reachability?from=\(some)&to=\(other)", "/links?a=\(some)&b=\(other)", "/links?a=\(some)&b=\(other)&do=unlink", "/changes/1",
                "/map", "/map?tag=field", "/map?page=2", "/status", "/audit",
            ]
            for page in pages {
                let name = "GET \(page.replacing(some, with: "A").replacing(other, with: "B"))"
                let size = try hub.get(page)
                Measurement.of("\(name), \(size / 1000) kB") { count in
                    var bytes = 0
                    for _ in 0..<count { bytes += (try? hub.get(page)) ?? 0 }
                    precondition(bytes > 0)
                    return bytes
                }
            }
            events(hub)
        } catch {
            fatalError("\(error)")
        }
    }

    /// One beat of 64 browsers that show the same 50 devices; there is one every two seconds.
    private static func events(_ hub: BenchmarkHub) {
        let ids = hub.devices.prefix(50).map(\.id).joined(separator: ",")
        let streams = (0..<64).compactMap { _ in try? hub.events(of: ids) }
        precondition(streams.count == 64)
        Measurement.of("a beat of 64 browsers") { count in
            var events = 0
            for _ in 0..<count {
                hub.advance(seconds: 2)
                for stream in streams { if case .event = stream.next() { events += 1 } }
            }
            return events
        }
    }
}
