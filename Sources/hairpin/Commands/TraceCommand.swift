// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Crypto
import Fleet
import Linux
import Net
import Reconciler
import Relay
import Store
import Words

/// `hairpin trace`: shows how a running hub handles the next messages of a device, including handshakes.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Print what the running hub decides about the next packets and handshakes of a device.")
    /// The interval between requests to the hub.
    private static let beat: Duration = .milliseconds(100)

    @OptionGroup var data: DataOptions
    @OptionGroup var choice: DeviceCommand.Choice
    @Option(name: .shortAndLong, help: ArgumentHelp("How many messages, 1 to 10000.", valueName: "n"))
    var number = 20
    @Flag(help: "Print JSON, one object per line.")
    var json = false

    func run() throws {
        guard (1...10_000).contains(number) else { throw Failure.usage("-n: “\(number)” is not valid. Give a number from 1 to 10000.") }
        let database = try data.open()
        let (device, devices) = try explaining { try database.read { (try choice.find($0), try $0.devices()) } }
        let names = Dictionary(devices.map { ($0.publicKey, $0.name) }) { first, _ in first }
        let hub = try HubClient(data: try data.data)
        switch try hub.ask(["trace=\(device.publicKey.base64)", "count=\(number)"]).error {
        case nil: break
        case Errno.noSuchFile?: throw Failure.failed("The hub has not applied the last change of \(device.name) yet. Try again in a moment.")
        case Errno.busy?: throw Failure.failed("Another trace is running. Wait until it ends.")
        case let error?: throw Failure.failed("The hub refused the trace: \(error).")
        }
        while true {
            let reply = try hub.ask(["next=1"])
            for packet in reply.values(of: "packet").compactMap({ TracedPacket($0) }) {
                let line = TraceLine(packet: packet, device: device.publicKey, names: names)
                StandardStreams.output(json ? line.json : line.text)
            }
            guard reply.values(of: "done").isEmpty else { return }
            Linux.Thread.sleep(Self.beat)
        }
    }
}
