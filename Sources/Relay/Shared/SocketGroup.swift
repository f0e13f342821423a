// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// The sockets of an engine: one for IPv4 and one for IPv6 per worker, all on one port. All are opened before traffic arrives, because
/// adding a socket moves flows between workers.
struct SocketGroup: ~Copyable, Sendable {
    /// Where the engine listens, with the actual port.
    let listen: Endpoint
    let workers: Int
    private let members: [WorkerSockets]

    /// `::` opens both families; a host without IPv6 gets only IPv4 (WG-E-10). Throws `.cannotListen`.
    init(listen: Endpoint, workers: Int, merging: Bool, calls: DatagramCalls) throws(EngineError) {
        let members: [WorkerSockets]
        do throws(Errno) {
            members = try Self.open(Self.families(of: listen), workers: workers) { local throws(Errno) in
                try UDPSocket(bindingTo: local, merging: merging, calls: calls)
            }
        } catch {
            throw .cannotListen(listen, reason: "\(error)")
        }
        self.members = members
        self.workers = workers
        self.listen = Endpoint(address: listen.address, port: members[0].port, scope: listen.scope)
    }

    /// The smallest queues that the kernel granted any of the sockets.
    var queues: UDPSocket.Queues {
        let all = members.flatMap { [$0.v4, $0.v6] }.compactMap { $0?.socket.queues }
        return UDPSocket.Queues(receive: all.map(\.receive).min() ?? 0, send: all.map(\.send).min() ?? 0)
    }

    /// The sockets of a worker.
    func of(_ worker: Int) -> WorkerSockets { members[worker] }

    private static func families(of listen: Endpoint) throws(Errno) -> [Endpoint] {
        guard listen.address == .v6(.any) else {
            try UDPSocket.checkIsFree(listen)
            return [listen]
        }
        let v4 = Endpoint(address: .v4(.any), port: listen.port)
        try UDPSocket.checkIsFree(v4)
        do throws(Errno) {
            try UDPSocket.checkIsFree(listen)
        } catch {
            guard error == .addressFamilyNotSupported || error == .addressNotAvailable else { throw error }
            return [v4]
        }
        return [v4, listen]
    }

    private typealias Opening = (_ local: Endpoint) throws(Errno) -> UDPSocket

    private static func open(_ families: [Endpoint], workers: Int, _ open: Opening) throws(Errno) -> [WorkerSockets] {
        var attempts = 0
        while true {
            do throws(Errno) {
                return try openOnce(families, workers: workers, open)
            } catch {
                // The port that the kernel chose for one family may be taken in the other; then try another port.
                attempts += 1
                guard error == .addressInUse, families[0].port == 0, attempts < 16 else { throw error }
            }
        }
    }

    private static func openOnce(_ families: [Endpoint], workers: Int, _ open: Opening) throws(Errno) -> [WorkerSockets] {
        var port = families[0].port
        var members: [WorkerSockets] = []
        for _ in 0..<workers {
            var sockets: [SocketBox] = []
            for family in families {
                let local = Endpoint(address: family.address, port: port, scope: family.scope)
                if members.isEmpty { try UDPSocket.checkIsFree(local) }
                let socket = try open(local)
                port = socket.local.port
                sockets.append(SocketBox(socket))
            }
            members.append(WorkerSockets(v4: sockets.first { $0.socket.isV4 }, v6: sockets.first { !$0.socket.isV4 }, port: port))
        }
        return members
    }
}

/// A class, so that a socket can be stored in an array.
final class SocketBox: Sendable {
    let socket: UDPSocket
    init(_ socket: consuming UDPSocket) { self.socket = socket }
}

/// A worker's two sockets; at most one of them may be missing.
struct WorkerSockets: Sendable {
    let v4: SocketBox?
    let v6: SocketBox?
    let port: UInt16
}
