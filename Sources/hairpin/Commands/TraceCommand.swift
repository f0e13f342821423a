// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Crypto
import Linux
import Net
import Relay
import Store

/// `hairpin trace`: what a running hub decides about the next packets of a device.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Print what the running hub decides about the next packets of a device.")
    /// How often the hub is asked for more.
    private static let beat: Duration = .milliseconds(100)

    @OptionGroup var data: DataOptions
    @OptionGroup var choice: DeviceCommand.Choice
    @Option(name: .shortAndLong, help: ArgumentHelp("How many packets, 1 to 10000.", valueName: "n"))
    var number = 20

    func run() throws {
        guard (1...10_000).contains(number) else { throw Failure.usage("-n: “\(number)” does not fit. Give a number from 1 to 10000.") }
        let database = try data.open()
        let (device, devices) = try explaining { try database.read { (try choice.find($0), try $0.devices()) } }
        let names = Dictionary(devices.map { ($0.publicKey, $0.name) }) { first, _ in first }
        let hub = try ControlClient(data: try data.data)
        switch try hub.ask(["trace=\(device.publicKey.base64)", "count=\(number)"]).error {
        case nil: break
        case Errno.noSuchFile?: throw Failure.failed("The hub does not run \(device.name): it is disabled, expired, or not applied yet.")
        case Errno.busy?: throw Failure.failed("Another trace is under way. Wait for its end.")
        case let error?: throw Failure.failed("The hub refused the trace: \(error).")
        }
        while true {
            let reply = try hub.ask(["next=1"])
            for packet in reply.values(of: "packet").compactMap({ TracedPacket($0) }) {
                StandardStreams.output(Self.line(packet, of: device, names))
            }
            guard reply.values(of: "done").isEmpty else { return }
            Linux.Thread.sleep(Self.beat)
        }
    }

    /// Time (UTC), direction as the device sees it, devices, addresses, size, protocol, and what became of the packet.
    static func line(_ packet: TracedPacket, of device: Device, _ names: [PublicKey: String]) -> String {
        let name = { (key: PublicKey?) in key.map { names[$0] ?? $0.base64 } ?? "-" }
        let verdict: String =
            if case .dropped(let reason) = packet.verdict { "dropped \(reason.name)" } else { packet.verdict.description }
        return [
            time(packet.at), packet.from == device.publicKey ? "sent" : "received", "\(name(packet.from)) > \(name(packet.to))",
            "\(packet.source?.description ?? "-") > \(packet.destination?.description ?? "-")", "\(packet.byteCount) bytes",
            protocolName(packet.nextProtocol), verdict,
        ].joined(separator: "  ")
    }

    /// `07:59:56.123`
    private static func time(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        let seconds = milliseconds / 1000
        let two = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        let fraction = String(String(1000 + milliseconds % 1000).dropFirst())
        return "\(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(fraction)"
    }

    private static func protocolName(_ number: UInt8?) -> String {
        switch number {
        case nil: "-"
        case 1: "icmp"
        case 6: "tcp"
        case 17: "udp"
        case 58: "icmpv6"
        case let number?: "protocol \(number)"
        }
    }
}
