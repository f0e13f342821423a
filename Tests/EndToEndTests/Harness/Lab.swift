// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Synchronization
import Testing

/// A small internet of network namespaces, made for one test and removed after it.
///
///     client A ── NAT A ─┐
///     client B ── NAT B ─┼─ wire ── hub 203.0.113.1, 2001:db8:1::1
///     client C ── NAT C ─┘
///
/// Labs share nothing, so tests may run side by side.
final class Lab {
    /// Files of this lab: configurations, databases, logs.
    let folder: URL
    private let prefix: String
    private let wire: Namespace
    private var hosts: UInt8 = 0
    private var namespaces: [String] = []
    private var onTearDown: [() -> Void] = []

    /// Why the end-to-end tests cannot run here, or nil.
    static let obstacle: String? = {
        if geteuid() != 0 { return "network namespaces need root" }
        if !FileManager.default.fileExists(atPath: "/dev/net/tun") { return "there is no /dev/net/tun" }
        let tools = [
            "ip", "nft", "ping", "socat", "curl", "setpriv", "wg", "wg-quick", "wireguard-go", "chromedriver", "zbarimg", "nginx", "caddy",
            "haproxy", "apache2",
        ]
        let missing = tools.filter { (try? Command.run(["which", $0]).status) != 0 }
        return missing.isEmpty ? nil : "missing: \(missing.joined(separator: " ")); run Packaging/install-dependencies test"
    }()

    private init() throws {
        Self.sweep
        let number = Self.labs.next()
        prefix = "\(Self.mark)\(getpid())-\(number)"
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(prefix)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Command.expect(["chmod", "755", folder.path])
        namespaces.append("\(prefix)-wire")
        wire = try Namespace(creating: "\(prefix)-wire")
        try wire.ip("link add wire type bridge", "link set wire up")
    }

    /// Builds a lab, runs the test in it, and always removes it.
    static func run(_ body: (Lab) throws -> Void) throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        try body(lab)
    }

    /// A machine with public addresses on the wire: 203.0.113.N and 2001:db8:1::N, on its interface `wire`.
    func publicHost(_ name: String) throws -> (namespace: Namespace, addresses: PublicAddresses) {
        hosts += 1
        let addresses = PublicAddresses(number: hosts)
        let host = try namespace(name)
        try host.connect("wire", to: wire, "to-\(name)")
        try wire.ip("link set to-\(name) master wire up")
        try host.ip("address add \(addresses.v4)/24 dev wire", "address add \(addresses.v6)/64 dev wire", "link set wire up")
        return (host, addresses)
    }

    /// Another pair of unused addresses on the wire.
    func freeAddresses() -> PublicAddresses {
        hosts += 1
        return PublicAddresses(number: hosts)
    }

    /// A namespace that exists as long as the lab.
    func namespace(_ name: String) throws -> Namespace {
        namespaces.append("\(prefix)-\(name)")
        return try Namespace(creating: "\(prefix)-\(name)")
    }

    /// Registers something to end before the namespaces are removed, last in first out.
    func atTearDown(_ work: @escaping () -> Void) {
        onTearDown.append(work)
    }

    /// A name for a network interface that is unique on this machine: WireGuard's sockets in /var/run are shared by all namespaces.
    static func interfaceName() -> String {
        "hp\(getpid())c\(interfaces.next())"
    }

    private func tearDown() {
        for work in onTearDown.reversed() { work() }
        for name in namespaces.reversed() { Namespace.remove(name) }
        keepLogs()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The logs of hub and clients outlive the lab as attachments of the test; `make test` puts them into .build/end-to-end.
    private func keepLogs() {
        for file in (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        where file.pathExtension == "log" {
            guard let text = try? String(contentsOf: file, encoding: .utf8), !text.isEmpty else { continue }
            Attachment.record(text, named: "\(Test.current?.displayName ?? prefix) - \(file.lastPathComponent)")
        }
    }

    /// Removes what a killed earlier run left behind.
    private static let sweep: Void = {
        func isLeftOver(_ name: String) -> Bool {
            let owner = name.dropFirst(mark.count).prefix { $0.isNumber }
            return name.hasPrefix(mark) && !owner.isEmpty && !FileManager.default.fileExists(atPath: "/proc/\(owner)")
        }
        for name in Namespace.all where isLeftOver(name) { Namespace.remove(name) }
        let temporary = FileManager.default.temporaryDirectory
        for name in (try? FileManager.default.contentsOfDirectory(atPath: temporary.path)) ?? [] where isLeftOver(name) {
            Disk.unmount(temporary.appendingPathComponent(name).appendingPathComponent("data"))
            try? FileManager.default.removeItem(at: temporary.appendingPathComponent(name))
        }
    }()

    private static let mark = "hairpin-lab-"
    private static let labs = Counter()
    private static let interfaces = Counter()
}

/// The addresses of a machine on the lab's wire.
struct PublicAddresses {
    let number: UInt8
    var v4: String { "203.0.113.\(number)" }
    var v6: String { "2001:db8:1::\(String(number, radix: 16))" }
}

private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// For every end-to-end suite: if a lab is not possible, each test is reported as skipped by name.
    static var needsLab: Self { .enabled(if: Lab.obstacle == nil, "\(Lab.obstacle ?? "")") }
}

/// Self-signed certificates.
extension Lab {
    /// A folder with a certificate for `name`, which hubs may read.
    func certificate(name: String) throws -> String {
        let path = folder.appendingPathComponent("tls").path
        try Command.expect(["mkdir", path])
        try renewCertificate(in: path, name: name)
        return path
    }

    func renewCertificate(in path: String, name: String) throws {
        try Command.expect([
            "openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2", "-keyout", "\(path)/key.pem",
            "-out", "\(path)/certificate.pem", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name),IP:127.0.0.1",
        ])
        try Command.expect(["chown", "-R", "65534:65534", path])
        try Command.expect(["chmod", "755", path])
    }
}
