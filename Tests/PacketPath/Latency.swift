// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import Glibc
import Linux
import Net
import Relay

/// How long a packet takes through an engine on loopback: through an idle one, and beside a load of 80 % of what the engine can relay.
/// One thread makes the load and sends the probes, so that they do not wait for each other's turn on a core. The engine has core 0 and this
/// thread core 1. If the kernel chose, it would wake the worker on the core of the thread that never sleeps, and probes would wait for the end
/// of its time slice.
struct LatencyRun {
    /// Packets of a train, and the maximum number in the engine while its capacity is measured.
    private static let (burst, window) = (16, 256)
    private static let share = 0.8
    /// How far the worker may deviate from that, and how often the load is adjusted to get there.
    private static let (tolerance, attempts) = (0.03, 4)
    private static let probes = 5000
    private static let probeInterval: Duration = .microseconds(200)
    private static let timeout: Duration = .milliseconds(100)

    private let pairs: [DevicePair]
    private let probe: DevicePair
    private let engine: Engine
    /// What the kernel reports about the worker's thread.
    private let workerTimes: String

    /// Prints the figures as one JSON object; packets have `byteCount` bytes inside.
    static func run(byteCount: Int) throws {
        let run = try LatencyRun(byteCount: byteCount)
        let capacity = try run.capacity(for: .milliseconds(700))
        let idle = try run.latencies(besideLoad: nil)
        // The worker's time per packet depends on the other load of the machine, and on how many packets arrive at once.
        var (rate, loaded, busyShare) = (capacity * share, [Duration](), 0.0)
        for _ in 0..<attempts where abs(busyShare - share) > tolerance {
            if busyShare > 0 { rate *= share / busyShare }
            let (start, busy) = (Instant.now(), try run.workerTime())
            loaded = try run.latencies(besideLoad: rate)
            busyShare = (try run.workerTime() - busy) / seconds(Instant.now() - start)
        }
        run.engine.stop()
        let figures = [
            ("capacity_kpps", capacity / 1000), ("idle_p50_us", percentile(idle, 0.5)), ("idle_p99_us", percentile(idle, 0.99)),
            ("loaded_p50_us", percentile(loaded, 0.5)), ("loaded_p99_us", percentile(loaded, 0.99)),
            ("busy", busyShare), ("lost", Double(2 * probes - idle.count - loaded.count)),
        ]
        StandardStreams.output("{" + figures.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}")
    }

    private init(byteCount: Int) throws {
        // The engine's threads inherit the first.
        Self.stay(on: 0)
        defer { Self.stay(on: 1) }
        engine = try Engine(
            EngineConfiguration(privateKey: .generate(), listen: Endpoint(address: .v4(.loopback), port: 0), workers: 1))
        var pairs: [DevicePair] = []
        for number in 0..<5 { pairs.append(try DevicePair(number: UInt8(number), byteCount: byteCount, engine: engine)) }
        _ = engine.apply(pairs.flatMap(\.configurations).map { .add($0, PeerMemory()) }, hubAddresses: [IPAddress("10.3.2.1")!], generation: 1)
        for pair in pairs { try pair.connect() }
        probe = pairs.removeLast()
        self.pairs = pairs
        let name = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").first {
            try String(decoding: Files.read("/proc/self/task/\($0)/comm"), as: UTF8.self) == "relay-0\n"
        }
        guard let name else { throw GateError(description: "the worker's thread was not found") }
        workerTimes = "/proc/self/task/\(name)/schedstat"
    }

    /// Seconds that the worker has run on a processor.
    private func workerTime() throws -> Double {
        Double(String(decoding: try Files.read(workerTimes), as: UTF8.self).prefix { $0 != " " })! / 1e9
    }

    /// Packets that the worker relays per second of its own processor time while more are always waiting.
    private func capacity(for time: Duration) throws -> Double {
        var (sent, received, next) = (0, 0, 0)
        let (start, busy) = (Instant.now(), try workerTime())
        var progressAt = start
        while Instant.now() - start < time {
            if sent - received <= Self.window - Self.burst {
                pairs[next].send(Self.burst)
                sent += Self.burst
                next = (next + 1) % pairs.count
            }
            let came = try pairs.reduce(0) { try $0 + $1.receiver.receiveWaiting() }
            received += came
            if came > 0 { progressAt = Instant.now() }
            // Lost packets never arrive.
            if Instant.now() - progressAt > Self.timeout { received = sent }
        }
        return Double(received) / (try workerTime() - busy)
    }

    /// The times of all probes that returned, shortest first, beside a steady load of this many packets per second.
    private func latencies(besideLoad rate: Double?) throws -> [Duration] {
        let interval = rate.map { Duration.nanoseconds(Int64(Double(Self.burst) * 1e9 / $0)) }
        var times: [Duration] = []
        times.reserveCapacity(Self.probes)
        var next = 0
        var burstAt = Instant.now()
        var probeAt = Instant.now() + Self.timeout
        var waitingSince: Instant?
        var done = 0
        while done < Self.probes {
            let now = Instant.now()
            if let sentAt = waitingSince {
                let isBack = try probe.receiver.receiveWaiting() > 0
                if isBack { times.append(Instant.now() - sentAt) }
                if isBack || now - sentAt > Self.timeout { (waitingSince, probeAt, done) = (nil, now + Self.probeInterval, done + 1) }
            } else if now >= probeAt {
                waitingSince = now
                probe.send(1)
            }
            if let interval, now >= burstAt {
                pairs[next].send(Self.burst)
                _ = try pairs[next].receiver.receiveWaiting()
                next = (next + 1) % pairs.count
                // A delayed thread does not catch up.
                burstAt = max(burstAt + interval, now - interval)
            }
        }
        return times.sorted()
    }

    /// Binds the calling thread to a core; nothing happens where there is no such core. sched_setaffinity(2)
    private static func stay(on core: Int) {
        var cores = cpu_set_t()
        withUnsafeMutableBytes(of: &cores) { $0[core / 8] = 1 << (core % 8) }
        _ = sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &cores)
    }

    private static func percentile(_ sorted: [Duration], _ share: Double) -> Double {
        sorted.isEmpty ? .nan : Double(sorted[Int(Double(sorted.count - 1) * share)].nanoseconds) / 1000
    }
}

private func seconds(_ time: Duration) -> Double { Double(time.nanoseconds) / 1e9 }

/// A device and the one it sends to.
struct DevicePair {
    let sender: Device
    let receiver: Device
    private let packet: [UInt8]

    init(number: UInt8, byteCount: Int, engine: Engine) throws {
        let (source, destination) = (10 + 2 * number, 11 + 2 * number)
        sender = try Device(IPAddress("10.3.2.\(source)")!, hub: engine.publicKey, at: engine.listen)
        receiver = try Device(IPAddress("10.3.2.\(destination)")!, hub: engine.publicKey, at: engine.listen)
        packet = experimentalPacket(from: source, to: destination, byteCount: byteCount)
    }

    var configurations: [PeerConfiguration] { [sender.configuration(reaching: receiver), receiver.configuration(reaching: sender)] }

    func connect() throws {
        guard try sender.connect(), try receiver.connect() else { throw GateError(description: "the hub does not answer") }
    }

    func send(_ count: Int) { sender.send(packet, count: count, asOneTrain: true) }
}
