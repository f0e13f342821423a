// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging

/// The warning about a host that grants the hub only small queues for datagrams. A burst that does not fit is lost, although the hub could
/// handle it. Debian's default has room for a few milliseconds of fast traffic.
struct QueueWarning: Equatable {
    /// What the kernel granted, in KiB.
    let receive: Int
    let send: Int
    /// The command that allows more.
    let command: String

    /// Nil when the kernel granted what the hub needs.
    init?(_ granted: UDPSocket.Queues) {
        let needed = Int(UDPSocket.bufferByteCount)
        let limits = [("net.core.rmem_max", granted.receive), ("net.core.wmem_max", granted.send)].filter { $0.1 < needed }
        guard !limits.isEmpty else { return nil }
        (receive, send) = (granted.receive >> 10, granted.send >> 10)
        command = "sysctl -w " + limits.map { "\($0.0)=\(needed)" }.joined(separator: " ")
    }

    func log(to logger: Logger) {
        logger.warning(
            "the kernel limits the queues of the WireGuard port, so bursts of packets may be lost; allow more with the command below and restart the hub",
            metadata: ["receive_kib": "\(receive)", "send_kib": "\(send)", "command": "\(command)"])
    }
}
