// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net

/// How an engine is started. None of it changes while it runs.
public struct EngineConfiguration: Sendable {
    /// The hub's static key.
    public var privateKey: PrivateKey
    /// Where to listen. `::` means IPv6 and, on a socket of its own, IPv4; port 0 picks one port for both.
    public var listen: Endpoint
    /// Data-plane threads.
    public var workers: Int
    /// Handshakes and timers on the first worker's thread, between its packets, instead of on a thread of their own. On one core that is a twentieth
    /// more handshakes; on several, packets would wait for them without need.
    public var sharesCore = ProcessEnvironment.coreCount == 1
    /// Ask the kernel to merge received datagrams and to cut up sent ones.
    public var mergesReceived = true
    public var segmentsSent = true
    /// Tell the sender in ICMP why its packet went no further (WG-H-12). Pings to the hub are answered either way.
    public var sendsICMPErrors = true
    /// Take one off TTL and hop limit of what is relayed, which ends every loop (WG-H-3). Off, the tunnel looks like one link.
    public var lowersHopLimit = true
    /// The library for the packets of sessions.
    public var aead = AEADImplementation.fastest
    /// What the sockets call; tests put their own there.
    var calls = DatagramCalls.kernel

    public init(privateKey: PrivateKey, listen: Endpoint, workers: Int) {
        self.privateKey = privateKey
        self.listen = listen
        self.workers = workers
    }
}

/// Why an engine could not start.
public enum EngineError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address or port cannot be had; the text says why.
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
