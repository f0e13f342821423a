// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net

/// The settings with which an engine starts. They do not change while it runs.
public struct EngineConfiguration: Sendable {
    /// The hub's static key.
    public var privateKey: PrivateKey
    /// Where to listen. `::` means IPv6 and, on a separate socket, IPv4. Port 0 lets the kernel choose one port for both.
    public var listen: Endpoint
    /// The number of data-plane threads.
    public var workers: Int
    /// Run handshakes and timers on the first worker's thread, between its packets, instead of on a separate thread. On a single core this
    /// gives 5 % more handshakes; on several cores it would only delay packets.
    public var sharesCore = ProcessEnvironment.coreCount == 1
    /// Let the kernel merge received datagrams and segment sent ones.
    public var mergesReceived = true
    public var segmentsSent = true
    /// Send ICMP errors about dropped packets to their senders (WG-H-12). Pings to the hub are answered in any case.
    public var sendsICMPErrors = true
    /// Lower TTL and hop limit of relayed packets by one, which ends every routing loop (WG-H-3). When off, the tunnel looks like a single
    /// link.
    public var lowersHopLimit = true
    /// The library that encrypts and decrypts packets.
    public var aead = AEADImplementation.fastest
    /// The TUN interface through which the hub's host takes part, with a queue for each worker; nil without one. Packets for the hub's own
    /// addresses go to the host if the sender's allowed IPs cover them, and the host reaches each peer that allows those addresses.
    public var host: TUNDevice?
    /// The system calls of the sockets; tests replace them.
    var calls = DatagramCalls.kernel

    public init(privateKey: PrivateKey, listen: Endpoint, workers: Int) {
        self.privateKey = privateKey
        self.listen = listen
        self.workers = workers
    }
}

/// Why an engine could not start.
public enum EngineError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address or port is unavailable; the text says why.
    case cannotListen(Endpoint, reason: String)
    /// The system refused threads or descriptors.
    case resources(String)

    public var description: String {
        switch self {
        case .cannotListen(let endpoint, let reason):
            "UDP \(endpoint) cannot be used: \(reason). Choose another address or port with --wireguard."
        case .resources(let reason): "The engine could not start: \(reason)."
        }
    }
}
