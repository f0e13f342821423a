// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import Glibc
import Synchronization

/// A bad part of the Internet: a machine on the wire that passes datagrams to the hub and back, late, twice, out of order, or never.
/// Devices dial its address instead of the hub's; each gets a port of its own towards the hub, as behind a NAT.
final class ImpairedPath: Sendable {
    /// What happens to each datagram, either way. Shares are from 0 to 1.
    struct Impairment {
        /// One way; a round trip takes twice as long.
        var delay: Duration = .zero
        var lost = 0.0
        var duplicated = 0.0
        /// The share that is delayed until others have overtaken them.
        var reordered = 0.0
    }

    /// Counts of affected datagrams, for tests that must not pass because nothing happened.
    struct Fates {
        var passed = 0
        var lost = 0
        var duplicated = 0
        var reordered = 0
    }

    /// How long a reordered datagram is delayed.
    private static let holdBack: Duration = .milliseconds(30)

    private struct Datagram {
        var due: ContinuousClock.Instant
        var bytes: [UInt8]
        var socket: Int32
        /// Nil if the socket is connected.
        var to: sockaddr_in?
    }

    /// The endpoint that devices dial.
    let endpoint: String
    private let namespace: Namespace
    private let fate = Mutex(Fates())
    private let isStopped = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    /// Starts to pass datagrams. A generator with a fixed seed decides about each datagram.
    init(to hub: Hub, in lab: Lab, _ impairment: Impairment) throws {
        let addresses: PublicAddresses
        (namespace, addresses) = try lab.publicHost("path")
        endpoint = "\(addresses.v4):51820"
        let ready = DispatchSemaphore(value: 0)
        let failure = Mutex<String?>(nil)
        let place = "/run/netns/\(namespace.name)", hubAddress = hub.addresses.v4
        let thread = Thread { [self] in
            // A thread may be in another network namespace than its process. Its sockets are created there and stay there.
            let network = open(place, O_RDONLY)
            let outside = setns(network, CLONE_NEWNET) == 0 ? Self.socket(boundTo: 51820) : -1
            close(network)
            if outside < 0 { failure.withLock { $0 = "no socket in \(place): \(String(cString: strerror(errno)))" } }
            ready.signal()
            if outside >= 0 { self.run(outside, Self.address(hubAddress, 51820), impairment) }
            ended.signal()
        }
        thread.start()
        ready.wait()
        if let failure = failure.withLock({ $0 }) { throw LabError(failure) }
        lab.atTearDown { [self] in
            isStopped.store(true, ordering: .relaxed)
            ended.wait()
        }
    }

    /// The counts so far.
    var fates: Fates { fate.withLock { $0 } }

    private func run(_ outside: Int32, _ hub: sockaddr_in, _ impairment: Impairment) {
        var random = SplitMix(state: 7)
        var waiting: [Datagram] = []
        var towardsHub: [UInt64: Int32] = [:]
        var devices: [Int32: sockaddr_in] = [:]
        defer { for socket in [outside] + towardsHub.values { close(socket) } }
        while !isStopped.load(ordering: .relaxed) {
            var polls = ([outside] + towardsHub.values).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&polls, nfds_t(polls.count), 1)
            let now = ContinuousClock.now
            for socket in polls where socket.revents & Int16(POLLIN) != 0 {
                while let (bytes, from) = Self.receive(socket.fd) {
                    var next = Datagram(due: now, bytes: bytes, socket: outside, to: devices[socket.fd])
                    if socket.fd == outside {
                        let key = UInt64(from.sin_addr.s_addr) << 16 | UInt64(from.sin_port)
                        let upward = towardsHub[key] ?? Self.socket(connectedTo: hub)
                        towardsHub[key] = upward
                        devices[upward] = from
                        (next.socket, next.to) = (upward, nil)
                    }
                    waiting += meet(next, impairment, &random)
                }
            }
            // Datagrams that are due at the same time keep the order of their arrival.
            let due = waiting.enumerated().filter { $1.due <= now }.sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }
            waiting.removeAll { $0.due <= now }
            for (_, datagram) in due { Self.send(datagram) }
        }
    }

    /// The copies of a datagram to send: none, one or two, each with its time.
    private func meet(_ datagram: Datagram, _ impairment: Impairment, _ random: inout SplitMix) -> [Datagram] {
        func happens(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
        return fate.withLock { fates in
            guard !happens(impairment.lost) else {
                fates.lost += 1
                return []
            }
            fates.passed += 1
            var datagram = datagram
            datagram.due += impairment.delay
            if happens(impairment.reordered) {
                fates.reordered += 1
                datagram.due += Self.holdBack
            }
            guard happens(impairment.duplicated) else { return [datagram] }
            fates.duplicated += 1
            return [datagram, datagram]
        }
    }

    private static func address(_ text: String, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, text, &address.sin_addr)
        return address
    }

    private static func socket(boundTo port: UInt16) -> Int32 { socket(address("0.0.0.0", port), bind) }

    private static func socket(connectedTo hub: sockaddr_in) -> Int32 { socket(hub, connect) }

    /// A non-blocking socket; negative if it cannot be created.
    private static func socket(_ address: sockaddr_in, _ attach: (Int32, __CONST_SOCKADDR_ARG, socklen_t) -> Int32) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let isAttached = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                attach(socket, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        return isAttached ? socket : -1
    }

    private static func receive(_ socket: Int32) -> (bytes: [UInt8], from: sockaddr_in)? {
        var from = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var count = -1
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
            count = withUnsafeMutablePointer(to: &from) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, buffer.baseAddress, buffer.count, 0, __SOCKADDR_ARG(__sockaddr__: $0), &length)
                }
            }
            used = max(0, count)
        }
        return count < 0 ? nil : (bytes, from)
    }

    private static func send(_ datagram: Datagram) {
        guard var to = datagram.to else {
            _ = Glibc.send(datagram.socket, datagram.bytes, datagram.bytes.count, 0)
            return
        }
        _ = withUnsafePointer(to: &to) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    datagram.socket, datagram.bytes, datagram.bytes.count, 0, __CONST_SOCKADDR_ARG(__sockaddr__: $0),
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Random numbers that are the same in every run (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
