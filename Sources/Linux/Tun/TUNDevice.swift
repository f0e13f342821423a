// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

/// A TUN interface: packets that the host routes into it come to this process, and packets that it writes come to the host. It has one queue
/// per thread, and exchanges super-packets with the kernel (IFF_MULTI_QUEUE, IFF_VNET_HDR).
///
/// An interface that does not exist is made, and disappears when its last queue is closed, also when the process is killed. A persistent one,
/// which the administrator made, stays.
public final class TUNDevice: Sendable {
    /// The maximum number of queues that the kernel allows (MAX_TAP_QUEUES).
    public static let queueLimit = 256
    private static let path = "/dev/net/tun"
    /// How long to wait for an earlier process that is ending.
    private static let patience: Duration = .seconds(2)

    /// The name of the interface, and its queues: one for each thread.
    public let name: String
    public let queues: [TUNQueue]
    /// Whether the kernel exchanges super-packets of UDP, too (Linux 6.2).
    public let mergesUDP: Bool

    /// Opens the queues in the network namespace of the calling thread. Takes over an interface that no process uses, whatever made it.
    /// Documentation/networking/tuntap.rst of the kernel
    public init(name: String, queues count: Int) throws(TUNError) {
        try Self.awaitIsFree(name)
        var queues: [TUNQueue] = []
        var mergesUDP = true
        for _ in 0..<count {
            let queue = try Self.open(name)
            if mergesUDP, tun_set_offloads(queue.descriptor.raw, 1) != 0 { mergesUDP = false }
            if !mergesUDP, tun_set_offloads(queue.descriptor.raw, 0) != 0 { throw TUNError(name: name, .refused(.last)) }
            queues.append(queue)
        }
        self.name = name
        self.queues = queues
        self.mergesUDP = mergesUDP
    }

    private static func open(_ name: String) throws(TUNError) -> TUNQueue {
        let number: Int32
        do throws(Errno) {
            number = try systemCall { Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) }
        } catch {
            throw TUNError(name: name, error.isRefusal ? .noAccess(path) : .noDriver(error))
        }
        let queue = TUNQueue(Descriptor(owning: number))
        do throws(Errno) {
            try systemCall { tun_attach(number, name) }
        } catch {
            switch error {
            case .notPermitted, .permissionDenied: throw TUNError(name: name, .notAllowed(exists: (try? NetworkLink(named: name)) != nil))
            case .busy: throw TUNError(name: name, .inUse)
            case .invalidArgument: throw TUNError(name: name, .otherKind)
            default: throw TUNError(name: name, .refused(error))
            }
        }
        return queue
    }

    /// Another process may use other queues of the same interface, and each would get a part of the packets.
    private static func awaitIsFree(_ name: String) throws(TUNError) {
        let deadline = Instant.now() + patience
        while let link = try? NetworkLink(named: name) {
            guard let tun = link.tun, tun.isMultiQueue else { throw TUNError(name: name, .otherKind) }
            if tun.queues == 0 { return }
            guard Instant.now() < deadline else { throw TUNError(name: name, .inUse) }
            Thread.sleep(.milliseconds(20))
        }
    }
}

/// One queue of a TUN interface, for one thread.
public final class TUNQueue: Sendable {
    /// For the poller.
    public let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// Why a TUN interface cannot be used, and what to do.
public struct TUNError: Error, Equatable, Sendable {
    public enum Problem: Equatable, Sendable {
        /// The process may not open this file.
        case noAccess(String)
        /// The kernel has no TUN driver.
        case noDriver(Errno)
        /// The interface belongs to another user, or does not exist and the process may not make it.
        case notAllowed(exists: Bool)
        /// Another process uses it.
        case inUse
        /// The interface is none that was made with `multi_queue`.
        case otherKind
        case refused(Errno)
    }

    /// The name of the interface.
    public let name: String
    public let problem: Problem

    init(name: String, _ problem: Problem) {
        self.name = name
        self.problem = problem
    }
}

extension TUNError: CustomStringConvertible {
    /// The command that makes the interface for this user.
    private var command: String { "ip tuntap add dev \(name) mode tun user \(ProcessEnvironment.userName) multi_queue" }

    private var replacement: String { "ip link delete \(name) && \(command)" }

    /// One line that says what is wrong and which command helps.
    public var description: String {
        switch problem {
        case .noAccess(let path): "The hub may not open \(path) for the interface \(name). Give its user access to that file."
        case .noDriver(let error): "There is no /dev/net/tun (\(error)). Load its driver as root: modprobe tun – or let the service use it."
        case .notAllowed(exists: false):
            "The hub may not make the interface \(name). Make it as root: \(command) – or give the hub CAP_NET_ADMIN."
        case .notAllowed(exists: true):
            "The interface \(name) belongs to another user. Replace it as root: \(replacement)"
        case .inUse: "Another program uses the interface \(name). Stop it, or choose another name with --tun."
        case .otherKind:
            "\(name) is no TUN interface with several queues. Choose another name with --tun, or replace it: \(replacement)"
        case .refused(let error): "The kernel refuses the interface \(name): \(error)."
        }
    }
}

extension Errno {
    fileprivate var isRefusal: Bool { self == .permissionDenied || self == .notPermitted }
}
