// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// One network namespace: a machine of the lab with its own interfaces, addresses and firewall.
struct Namespace {
    /// The kernel's name, as in `ip netns list`.
    let name: String

    /// Makes the namespace with its loopback up, and IPv6 ready without the second that duplicate address detection takes.
    init(creating name: String) throws {
        self.name = name
        try Command.expect(["ip", "netns", "add", name])
        try set("net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
        try ip("link set lo up")
    }

    /// A command inside the namespace.
    func words(_ words: [String]) -> [String] {
        ["ip", "netns", "exec", name] + words
    }

    /// Runs a command inside and returns its output. Throws if it fails.
    @discardableResult
    func expect(_ words: [String], input: String = "") throws -> String {
        try Command.expect(self.words(words), input: input)
    }

    /// Runs `ip` commands, written as in a manual.
    func ip(_ lines: String...) throws {
        try Command.expect(["ip", "-netns", name, "-batch", "-"], input: lines.joined(separator: "\n") + "\n")
    }

    /// Kernel settings of this namespace: `key=value`.
    func set(_ settings: String...) throws {
        try expect(["sysctl", "-qw"] + settings)
    }

    /// Replaces the namespace's firewall.
    func firewall(_ rules: String) throws {
        try expect(["nft", "-f", "-"], input: "flush ruleset\n\(rules)\n")
    }

    /// A cable between two namespaces.
    func connect(_ interface: String, to other: Namespace, _ otherInterface: String) throws {
        try Command.expect([
            "ip", "link", "add", interface, "netns", name, "type", "veth", "peer", "name", otherInterface, "netns", other.name,
        ])
    }

    /// Ends every process inside and removes the namespace with its cables.
    static func remove(_ name: String) {
        let processes = (try? Command.run(["ip", "netns", "pids", name]).output) ?? ""
        for id in processes.split(whereSeparator: \.isWhitespace).compactMap({ Int32($0) }) {
            kill(id, SIGKILL)
        }
        _ = try? Command.run(["ip", "netns", "delete", name])
    }

    /// All namespaces of this machine.
    static var all: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
    }
}
