// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Logging
import Net
import Store

/// For monitoring: a health check without a login, and counters for Prometheus.
enum Health {
    static let routes: [Route<Handler>] = [
        Route(.get, "/healthz", Handler(.everybody, waits: true, health)), Route(.get, "/metrics", Handler(.anyToken([.metrics, .read]), metrics)),
    ]

    /// Answers 200 if database and engine work, otherwise 503 with the reason.
    private static func health(_ visit: Visit) throws -> Response {
        if let problem = visit.site.status().problem { return .text(.serviceUnavailable, "engine: \(problem)\n") }
        let database = visit.site.database
        if let trouble = database.probe(at: visit.now) { return .text(.serviceUnavailable, "database: \(trouble)\n") }
        do {
            _ = try database.read { try $0.generation() }
        } catch {
            visit.site.tell(error)
            let why = database.trouble.map { "\($0)" } ?? "It does not answer. See the log for the reason."
            return .text(.serviceUnavailable, "database: \(why)\n")
        }
        return .text(.ok, "ok\n")
    }

    /// Prometheus text format 0.0.4. It names no devices: names are for people, and without them the number of series stays small.
    private static func metrics(_ visit: Visit) throws -> Response {
        let overview = try visit.overview()
        let engine = overview.status
        var text = Exposition()
        text.gauge("hairpin_desired_generation", "Newest committed change of desired state.", overview.generation.desired)
        text.gauge("hairpin_applied_generation", "Newest change that the engine has applied.", overview.generation.applied)
        text.gauge("hairpin_engine_up", "1 while the engine works.", engine.problem == nil ? 1 : 0)
        text.gauge(
            "hairpin_database_up", "1 while the database works, as far as the last transactions tell.", visit.site.database.trouble == nil ? 1 : 0)
        text.gauge("hairpin_workers", "Threads that relay packets.", engine.workers)
        var states: [DeviceState: Int] = [:]
        for device in overview.devices { states[overview.state(of: device), default: 0] += 1 }
        text.family(
            "hairpin_devices", "gauge", "Devices by state.", DeviceState.allCases.map { ("state=\"\($0.rawValue)\"", UInt64(states[$0] ?? 0)) })
        text.gauge("hairpin_contested_keys", "Keys that two machines seem to use.", engine.contestedKeys.count)
        let peers = engine.peers.values
        text.counter("hairpin_received_bytes_total", "Bytes received from devices.", peers.reduce(0) { $0 &+ $1.receivedBytes })
        text.counter("hairpin_sent_bytes_total", "Bytes sent to devices.", peers.reduce(0) { $0 &+ $1.sentBytes })
        text.counter("hairpin_received_datagrams_total", "Datagrams received: accepted ones and drops with direction in.", engine.datagramsReceived)
        text.counter("hairpin_accepted_datagrams_total", "Received datagrams that passed every check.", engine.datagramsAccepted)
        text.family(
            "hairpin_dropped_packets_total", "counter", "Packets dropped, by reason: received datagrams (in), and packets on their way out (out).",
            DropReason.allCases.map { ("reason=\"\($0.name)\",direction=\"\($0.isReceipt ? "in" : "out")\"", engine.drops[$0] ?? 0) })
        text.family(
            "hairpin_socket_losses_total", "counter", "Datagrams that the kernel's sockets lost.",
            engine.socketLosses.sorted { $0.key < $1.key }.map { ("counter=\"\(Exposition.label($0.key))\"", $0.value) })
        return Response(.ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.text.utf8))
    }
}

/// Builds up a Prometheus text.
private struct Exposition {
    private(set) var text = ""

    mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) { single(name, "gauge", help, "\(value)") }
    mutating func counter(_ name: String, _ help: String, _ value: some BinaryInteger) { single(name, "counter", help, "\(value)") }

    mutating func family(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: UInt64)]) {
        head(name, type, help)
        for sample in samples { text += "\(name){\(sample.labels)} \(sample.value)\n" }
    }

    static func label(_ text: String) -> String {
        String(text.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" })
    }

    private mutating func single(_ name: String, _ type: String, _ help: String, _ value: String) {
        head(name, type, help)
        text += "\(name) \(value)\n"
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
}
