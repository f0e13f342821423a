// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net

/// The datagrams of one address family that the next flush sends, and the peer of each.
struct OutgoingBatch: ~Copyable {
    /// What the datagrams of one message have in common.
    struct Key: Equatable {
        /// `nobody` for messages outside a keypair.
        var peer = OutgoingBatch.nobody
        var path = Path()
        var trafficClass: UInt8 = 0
        /// Given up at once when a queue is full.
        var isExpendable = false
    }

    static let nobody = Parties.nobody

    private let socket: SocketBox?
    private let counters: CounterSet
    private var batch = UDPSendBatch()
    private let receivers: UnsafeMutablePointer<UInt32>
    private var newest = Key()
    private var queue: UDPSocket.SendQueue?

    /// Without a socket, on a host without this family, everything is dropped.
    init(socket: SocketBox?, counters: CounterSet) {
        self.socket = socket
        self.counters = counters
        receivers = .allocate(capacity: UDPSendBatch.messages)
    }

    deinit { receivers.deallocate() }

    /// Appends a datagram to the newest message if it fits there, else starts a new one. False when there is no room: flush first.
    mutating func append(_ bytes: UnsafeMutableRawPointer, byteCount: Int, _ key: Key) -> Bool {
        if key == newest, batch.append(to: batch.count - 1, bytes, byteCount: byteCount) { return true }
        guard batch.hasRoom else { return false }
        let index = batch.begin(
            to: key.path.remote, from: key.path.local, trafficClass: key.trafficClass, isExpendable: key.isExpendable, bytes, byteCount: byteCount)
        receivers[index] = key.peer
        newest = key
        return true
    }

    /// Whether more than so many quarters of the socket's send queue are in use. Asks the kernel once between two flushes.
    mutating func isQueueUsed(beyond quarters: UInt32) -> Bool {
        if let queue { return queue.exceeds(quarters: quarters) }
        guard let socket else { return false }
        let answer = socket.socket.sendQueue
        queue = answer
        return answer.exceeds(quarters: quarters)
    }

    /// Passes everything to the kernel and counts what was sent and what was not.
    mutating func flush(segmentation: inout UDPSocket.Segmentation, now: Instant) {
        queue = nil
        guard batch.count > 0 else { return }
        socket?.socket.send(batch, segmentation: &segmentation, now: now)
        for index in 0..<batch.count { count(index, now: now) }
        batch.removeAll()
        newest = Key()
    }

    private func count(_ index: Int, now: Instant) {
        let receiver = receivers[index]
        guard socket != nil else {
            return counters.counters.drop(.endpointUnreachable, Parties(receiver: receiver), count: batch.datagrams(of: index), now: now)
        }
        let outcome = batch.outcome(of: index)
        counters.counters.datagramsSent.increment(by: UInt64(outcome.sentDatagrams))
        if receiver != Self.nobody, outcome.sentDatagrams > 0 { counters.counters.sent(outcome.sentByteCount, to: receiver) }
        guard let error = outcome.error else { return }
        counters.counters.drop(DropReason(sending: error), Parties(receiver: receiver), count: outcome.lostDatagrams, now: now)
    }
}

extension DropReason {
    /// The drop reason for an error of the kernel (WG-D-6, WG-Q-2).
    init(sending error: Errno) {
        self =
            switch error {
            case .wouldBlock, .noBufferSpace: .sendQueueFull
            case .networkUnreachable, .hostUnreachable, .networkDown, .addressFamilyNotSupported: .endpointUnreachable
            case .notPermitted, .permissionDenied: .sendNotPermitted
            case .messageTooLong: .datagramTooLong
            default: .socketError
            }
    }
}
