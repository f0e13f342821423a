// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Linux
import Net
import Store

@testable import Portal

/// Every page of a hub with 10,000 devices, from the parsed request to the last byte of HTML, compared with what a page may cost; and the
/// cost of browsers that listen for events.
enum PageBenchmarks {
    private static let count = 10_000
    private static let now = UnixTime(seconds: 1_800_000_000)
    private static let runs = 9

    /// What a page may cost: milliseconds of a processor, and bytes.
    private static let limits = (page: 50.0, list: 5.0, bytes: 60_000)
    /// Seconds between two beats, and the part of one core that they may take.
    private static let beat = (seconds: 2.0, share: 0.01)

    static func run() {
        let folder = "\(ProcessEnvironment.value("TMPDIR") ?? "/tmp")/hairpin-benchmark"
        func clear() { for name in (try? Files.list(folder)) ?? [] { try? Files.remove("\(folder)/\(name)") } }
        clear()
        defer { clear() }
        do {
            let hub = try BenchmarkHub(folder: folder, devices: count, now: now)
            let requests = PageRequests(hub)
            for route in requests.unasked { StandardStreams.output("no request asks for \(route)") }
            line("page", "ms", "of", "bytes", "of", isOver: false)
            for request in requests.all {
                do { try measure(request, hub) } catch { StandardStreams.output("\(error)") }
            }
            events(hub)
        } catch {
            fatalError("\(error)")
        }
    }

    private static func measure(_ request: PageRequests.One, _ hub: BenchmarkHub) throws {
        var (size, isPage) = (0, false)
        let once = {
            let response = try hub.answer(request.method, request.path, form: request.form)
            guard case .bytes(let body) = response.body else { return }
            (size, isPage) = (weight(body), response.fields["Content-Type"]?.hasPrefix("text/html") == true)
        }
        if request.form == nil || request.isRepeatable { try once() }
        let times = try (0..<(request.isRepeatable ? runs : 1)).map { _ in try milliseconds(once) }.sorted()
        let time = times[times.count / 2]
        let limit = request.path.hasPrefix("/devices?") || request.path == "/devices" ? limits.list : limits.page
        line(
            request.name, text(time), isPage ? text(limit) : "–", String(size), isPage ? String(limits.bytes) : "–",
            isOver: (isPage && time > limit) || (isPage && size > limits.bytes))
    }

    /// Bytes without pictures, that is, without everything between `<svg` and `</svg>`.
    private static func weight(_ body: [UInt8]) -> Int {
        let pieces = String(decoding: body, as: UTF8.self).split(separator: "<svg", omittingEmptySubsequences: false)
        return pieces.dropFirst().reduce(pieces[0].utf8.count) { weight, piece in
            weight + (piece.firstRange(of: "</svg>").map { piece[$0.upperBound...].utf8.count } ?? piece.utf8.count)
        }
    }

    private static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = ProcessorTime.ofThread()
        try body()
        return (ProcessorTime.ofThread() - start) / .milliseconds(1)
    }

    /// One beat of 64 browsers that show the same 50 devices, while all of those move data.
    private static func events(_ hub: BenchmarkHub) {
        let ids = hub.devices.prefix(50).map(\.id).joined(separator: ",")
        let streams = (0..<64).compactMap { _ in try? hub.events(of: ids) }
        precondition(streams.count == 64)
        for stream in streams { for _ in 0..<2 { _ = stream.next() } }
        let times = (0..<20).map { _ in
            hub.advance(seconds: 2)
            hub.beat()
            return milliseconds { for stream in streams { _ = stream.next() } }
        }.sorted()
        let (time, limit) = (times[times.count / 2], beat.seconds * beat.share * 1000)
        line("events of 64 browsers, one beat", text(time), text(limit), "–", "–", isOver: time > limit)
    }

    private static func line(_ name: String, _ time: String, _ timeLimit: String, _ bytes: String, _ byteLimit: String, isOver: Bool) {
        func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(1, width - text.count)) + text }
        let columns = padded(time, 9) + padded(timeLimit, 7) + padded(bytes, 9) + padded(byteLimit, 8)
        StandardStreams.output(name + String(repeating: " ", count: max(1, 58 - name.count)) + columns + (isOver ? "  over" : ""))
    }

    /// One decimal.
    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
