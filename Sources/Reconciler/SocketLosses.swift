// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Relay

/// Datagrams that the kernel lost before the hub saw them (WG-Q-5), by their names in the API.
enum SocketLosses {
    /// `hub_…` counts the hub's own sockets: as reported to the workers with each datagram (SO_RXQ_OVFL), and as the kernel reports them
    /// (sock_diag). `udp_…` counts the whole network namespace.
    static func current(_ status: EngineStatus) -> [String: UInt64] {
        var losses = ["hub_rxq_overflow": status.socketLosses]
        if let sockets = try? SocketMemory.udp(port: status.listen.port) {
            losses["hub_socket_drops"] = sockets.reduce(0) { $0 + UInt64($1.drops) }
        }
        if let statistics = try? UDPStatistics.current() {
            losses["udp_in_errors"] = statistics.inErrors
            losses["udp_rcvbuf_errors"] = statistics.receiveBufferErrors
            losses["udp_sndbuf_errors"] = statistics.sendBufferErrors
        }
        return losses
    }
}
