// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A stock WireGuard client: Debian's wireguard-go with the settings of a downloaded file, as wg-quick would apply them.
final class Client {
    let name: String
    let namespace: Namespace
    let nat: NAT
    let interface = Lab.interfaceName()
    let folder: URL
    private var process: BackgroundProcess?

    /// A client behind a NAT of its own.
    init(_ name: String, in lab: Lab, udpTimeout: Int? = nil) throws {
        self.name = name
        nat = try NAT(name, in: lab, udpTimeout: udpTimeout)
        namespace = try nat.host(name, in: lab)
        folder = lab.folder
        lab.atTearDown { [weak self] in self?.process?.kill() }
    }

    var file: URL { folder.appendingPathComponent("\(interface).conf") }

    /// Brings the interface up from the text of a configuration file.
    func up(_ configuration: String) throws {
        try save(configuration)
        process = try BackgroundProcess(
            name, namespace.words(["env", "LOG_LEVEL=error", "wireguard-go", "--foreground", interface]), folder: folder)
        let socket = "/var/run/wireguard/\(interface).sock"
        try wait("the socket of \(name)'s wireguard-go") { FileManager.default.fileExists(atPath: socket) ? true : nil }
        try configure()
        for address in Self.values("Address", in: configuration) {
            try namespace.ip("address add \(address) dev \(interface)")
        }
        // wg-quick's default: 1500 less the largest overhead, 80.
        try namespace.ip("link set \(interface) mtu \(Self.values("MTU", in: configuration).first ?? "1420") up")
        for prefix in Self.values("AllowedIPs", in: configuration) {
            try namespace.ip("route replace \(prefix) dev \(interface)")
        }
    }

    /// Writes the file where only root can read it, as wg-quick requires.
    func save(_ configuration: String) throws {
        try Data(configuration.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }

    /// Removes the interface in an orderly way.
    func down() throws {
        try process?.stop()
        process = nil
    }

    /// `kill -9`: the interface is gone, and the hub does not know.
    func kill() {
        process?.kill()
        process = nil
    }

    /// Its owner edits the file by hand and loads it again; the session stays.
    func reload(_ configuration: String) throws {
        try save(configuration)
        // Without the line it would get another port.
        let stripped = try Command.expect(["wg-quick", "strip", file.path])
            .replacing("[Interface]", with: "[Interface]\nListenPort = \(namespace.expect(["wg", "show", interface, "listen-port"]))")
        try namespace.expect(["wg", "syncconf", interface, "/dev/stdin"], input: stripped)
    }

    /// The value of `wg show INTERFACE FIELD` for the only peer, the hub.
    func show(_ field: String) throws -> String {
        let line = try namespace.expect(["wg", "show", interface, field])
        return line.split(whereSeparator: \.isWhitespace).dropFirst().joined(separator: " ")
    }

    /// When the session with the hub began, seconds since 1970; 0 without one.
    func latestHandshake() throws -> Int {
        Int(try show("latest-handshakes")) ?? 0
    }

    /// Bytes received from the hub since the interface came up.
    func receivedBytes() throws -> Int {
        Int(try show("transfer").prefix { $0.isNumber }) ?? 0
    }

    private func configure() throws {
        let stripped = try Command.expect(["wg-quick", "strip", file.path])
        try namespace.expect(["wg", "setconf", interface, "/dev/stdin"], input: stripped)
    }

    private static func values(_ key: String, in configuration: String) -> [String] {
        configuration.split(separator: "\n").compactMap { line -> [String]? in
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, parts[0] == key else { return nil }
            return parts[1].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }.flatMap { $0 }
    }
}
