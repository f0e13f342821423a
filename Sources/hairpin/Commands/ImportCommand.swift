// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import ArgumentParser
import Crypto
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
        abstract: "Create a hub from a wg-quick server file or the output of `wg showconf`: its key, addresses and peers.",
        discussion: """
            Only into an empty data folder, or in place of a hub that has no device and no admin yet. That hub must not be running. Devices keep
            their keys and addresses; the hub does not have their private keys. With the packaged service, as root:
            cat /etc/wireguard/wg0.conf | runuser -u hairpin -- hairpin import - --data /var/lib/hairpin
            """)
    @OptionGroup var data: DataOptions
    @Argument(help: "The server's file, such as /etc/wireguard/wg0.conf; - is standard input.")
    var file: String
    @Option(help: ArgumentHelp("File with the server's private key, if the file lacks it; - is standard input.", valueName: "file"))
    var privateKey: String?
    @Option(help: ArgumentHelp("The network of the devices. (default: as in the file)", valueName: "cidr"))
    var network: String?
    @Option(help: ArgumentHelp("The IPv6 network of the devices, or off. (default: as in the file)", valueName: "cidr"))
    var network6: String?

    func run() throws {
        let (network6, isWithoutIPv6) = try ServeSettings.network6(network6)
        let networks = ImportNetworks(ipv4: try ServeSettings.network(network), ipv6: network6, isWithoutIPv6: isWithoutIPv6)
        if file == "-", privateKey == "-" { throw Failure.usage("Only one of the file and --private-key can be standard input.") }
        let parsed: ServerFile
        let plan: ServerFileImport
        do {
            parsed = try ServerFile(parsing: try read(file), privateKey: try givenKey())
            plan = try ServerFileImport(parsed, networks: networks, addresses: HostAddresses.current())
        } catch let error as ServerFile.ParseError {
            throw refusal(error)
        }
        let lock = try HubLock(data: data.data, patience: .zero, advice: "Stop that hub and import again, or choose another folder with --data.")
        let database = try data.open()
        let isDone: Bool
        do {
            isDone = try explaining { try database.change(by: .commandLine, at: UnixTime.now()) { try $0.importHub(plan) } }
        } catch let error as ServerFile.ParseError {
            throw refusal(error)
        }
        guard isDone else {
            throw Failure.failed("This data folder has a hub in use already. Name an empty one with --data. Nothing was imported.")
        }
        _ = consume lock
        report(parsed, plan)
    }

    /// Says what was imported, what differs from the file, and what was left out.
    private func report(_ file: ServerFile, _ plan: ServerFileImport) {
        let disabled = plan.entries.count { !$0.device.enabled }
        StandardStreams.error("Imported \(plan.entries.count) devices\(disabled > 0 ? ", \(disabled) of them disabled" : "").")
        if privateKey != nil { StandardStreams.error("The hub's key is the one of --private-key.") }
        for note in plan.notes { StandardStreams.error("\(note)") }
        if let port = file.listenPort, port != 51820 {
            StandardStreams.error("Their files name port \(port): serve with --wireguard [::]:\(port).")
        }
        if !file.ignored.isEmpty { StandardStreams.error("Not used: \(file.ignored.map { "\($0)" }.joined(separator: ", ")).") }
    }

    private func refusal(_ error: ServerFile.ParseError) -> Failure {
        .failed("\(isStandardInput(file) ? "standard input" : file), \(error) Nothing was imported.")
    }

    private func givenKey() throws -> PrivateKey? {
        guard let privateKey else { return nil }
        guard let key = PrivateKey(base64: try read(privateKey).trimmed()) else {
            throw Failure.failed("\(privateKey) does not hold a private key: 44 characters of Base64, as `wg genkey` prints them.")
        }
        return key
    }

    private func isStandardInput(_ path: String) -> Bool { path == "-" || path == "/dev/stdin" }

    private func read(_ path: String) throws -> String {
        do {
            return String(
                decoding: isStandardInput(path) ? try StandardStreams.readAll() : try Files.readForeign(path, limit: 16 << 20), as: UTF8.self)
        } catch {
            let isRefused = error.problem == .system(operation: "open", .permissionDenied)
            throw Failure.failed("\(error)\(isRefused ? ". As root, send it to standard input; see `hairpin import --help`." : "")")
        }
    }
}
