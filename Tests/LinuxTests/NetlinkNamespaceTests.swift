// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Net
import Synchronization
import Testing

@testable import Linux

/// Each test has its own network namespace, which ends with its thread.
@Suite(.enabled(if: geteuid() == 0, "needs root to make network namespaces"))
struct `In a network namespace` {
    @Test func `the monitor reports an address that is added and removed`() throws {
        try inNewNamespace {
            try makeLink()
            var monitor = try NetlinkMonitor()
            try ip("address add 192.0.2.9/24 dev hairpin0")
            let added = try monitor.drain()
            try ip("address del 192.0.2.9/24 dev hairpin0")
            let removed = try monitor.drain()

            let address = InterfaceAddress(
                address: IPAddress("192.0.2.9")!, prefixLength: 24, interfaceIndex: if_nametoindex("hairpin0"),
                interfaceName: "hairpin0", scope: .global, isDeprecated: false, isTemporary: false, isTentative: false)
            #expect(added.contains(.addressAdded(address)))
            #expect(added.contains(.routesChanged))
            #expect(removed.contains(.addressRemoved(address)))
        }
    }

    @Test func `the monitor wakes a poller and reports a link that is added and removed`() throws {
        try inNewNamespace {
            var monitor = try NetlinkMonitor()
            var poller = try Poller()
            try poller.add(monitor.socket.descriptor, token: 1, for: .readable)
            #expect(try poller.wait(timeout: .zero) == 0)
            try makeLink()
            let index = if_nametoindex("hairpin0")
            let came = NetlinkEvent.linkChanged(interfaceIndex: index, interfaceName: "hairpin0", isRunning: true)
            let went = NetlinkEvent.linkChanged(interfaceIndex: index, interfaceName: "hairpin0", isRunning: false)
            var seen: [NetlinkEvent] = []
            // The kernel reports the carrier later, from its own thread.
            while try !seen.contains(came) && poller.wait(timeout: .seconds(5)) == 1 { seen += try monitor.drain() }
            #expect(seen.contains(came))
            try ip("link del hairpin0")
            #expect(try monitor.drain().last { if case .linkChanged(index, _, _) = $0 { true } else { false } } == went)
        }
    }

    @Test func `the monitor reports that it missed something`() throws {
        try inNewNamespace {
            try makeLink()
            var monitor = try NetlinkMonitor()
            // Some hundred bytes of kernel memory per event; the default socket buffer holds 212,992.
            for _ in 0..<2 {
                for operation in ["add", "del"] {
                    let addresses = (1...200).map { "address \(operation) 198.51.100.\($0)/32 dev hairpin0" }
                    try ip("-batch -", input: addresses.joined(separator: "\n"))
                }
            }
            #expect(try monitor.drain().contains(.overrun))
            try ip("address add 192.0.2.9/24 dev hairpin0")
            #expect(try monitor.drain().contains { if case .addressAdded = $0 { true } else { false } })
        }
    }

    @Test func `a dump of many addresses has all of them`() throws {
        try inNewNamespace {
            try makeLink()
            let addresses = (1...1000).map { "address add 10.0.\($0 / 250).\($0 % 250)/32 dev hairpin0" }
            try ip("-batch -", input: addresses.joined(separator: "\n"))
            #expect(try InterfaceAddress.all().filter(\.address.isV4).count == 1000)
        }
    }

    @Test func `a route has the gateway and the source that the kernel would choose`() throws {
        try inNewNamespace {
            try makeLink()
            try ip("address add 192.0.2.9/24 dev hairpin0")
            try ip("address add 2001:db8::9/64 dev hairpin0 nodad")
            try ip("route add default via 192.0.2.1")
            #expect(
                try NetworkRoute.lookup(to: IPAddress("203.0.113.5")!)
                    == NetworkRoute(
                        interfaceIndex: if_nametoindex("hairpin0"), interfaceName: "hairpin0",
                        preferredSource: IPAddress("192.0.2.9"), gateway: IPAddress("192.0.2.1")))
            #expect(try NetworkRoute.lookup(to: IPAddress("2001:db8::1")!)?.preferredSource == IPAddress("2001:db8::9"))
        }
    }

    @Test func `there is no route if none is configured or it refuses traffic`() throws {
        try inNewNamespace {
            #expect(try NetworkRoute.lookup(to: IPAddress("203.0.113.5")!) == nil)
            #expect(try NetworkRoute.lookup(to: IPAddress("2001:db8::1")!) == nil)
            try ip("link set lo up")
            try ip("route add unreachable 203.0.113.0/24")
            try ip("route add prohibit 198.51.100.0/24")
            #expect(try NetworkRoute.lookup(to: IPAddress("203.0.113.5")!) == nil)
            #expect(try NetworkRoute.lookup(to: IPAddress("198.51.100.5")!) == nil)
        }
    }
}

/// Runs `body` on a thread in a new namespace, and rethrows its error.
private func inNewNamespace(_ body: @escaping @Sendable () throws -> Void) throws {
    let failure = Mutex<(any Error)?>(nil)
    let thread = try Linux::Thread(name: "namespace") {
        do {
            try systemCall { unshare(CLONE_NEWNET) }
            try body()
        } catch {
            failure.withLock { $0 = error }
        }
    }
    thread.join()
    if let error = failure.withLock({ $0 }) { throw error }
}

/// Makes the interface hairpin0, which is up and running.
private func makeLink() throws {
    try ip("link add hairpin0 type veth peer name hairpin1")
    try ip("link set hairpin1 up")
    try ip("link set hairpin0 up")
}

private struct CommandFailed: Error {
    let command: String
    let status: Int32
}

/// Runs ip(8) in the namespace of the calling thread.
private func ip(_ arguments: String, input: String = "") throws {
    var ends: [Int32] = [0, 0]
    try systemCall { pipe2(&ends, O_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)

    let words = (["ip"] + arguments.split(separator: " ")).map { strdup(String($0)) }
    defer { words.forEach { free($0) } }
    var process: pid_t = 0
    let spawned = posix_spawnp(&process, "ip", &actions, nil, words + [nil], environ)
    close(ends[0])
    let text = Array(input.utf8)
    if spawned == 0 { try systemCall { write(ends[1], text, text.count) } }
    close(ends[1])
    guard spawned == 0 else { throw Errno(spawned) }

    var status: Int32 = 0
    try systemCall { waitpid(process, &status, 0) }
    guard status == 0 else { throw CommandFailed(command: "ip \(arguments)", status: status) }
}
