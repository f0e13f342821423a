// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Fleet
import Linux
import Net
import Reconciler
import Store
import WireGuard

/// `hairpin import FILE`: creates a hub with the key and the peers of another WireGuard server.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Create a hub from a wg-quick server file: its key, address and peers.",
        discussion: "Only into an empty data folder. Devices keep their keys and addresses; the hub does not have their private keys.")
    @OptionGroup var data: DataOptions
    @Argument(help: "The server's file, such as /etc/wireguard/wg0.conf.")
    var file: String

    func run() throws {
        let parsed: ServerFile
        do {
            parsed = try ServerFile(parsing: String(decoding: try Files.read(file), as: UTF8.self))
        } catch let error as ServerFile.ParseError {
            throw Failure.failed("\(file), \(error). Nothing was imported.")
        } catch {
            throw Failure.failed("\(error)")
        }
        let count = try data.change { try $0.importHub(parsed, addresses: HostAddresses.current()) }
        guard let count else {
            throw Failure.failed("This data folder has a hub already. Name an empty one with --data. Nothing was imported.")
        }
        StandardStreams.error("Imported \(count) devices.")
        if let port = parsed.listenPort, port != 51820 {
            StandardStreams.error("Their files name port \(port): serve with --wireguard [::]:\(port).")
        }
        if !parsed.ignored.isEmpty { StandardStreams.error("Not used: \(parsed.ignored.joined(separator: ", ")).") }
    }
}
