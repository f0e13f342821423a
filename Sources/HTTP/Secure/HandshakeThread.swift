// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// Runs the costly steps of TLS handshakes outside the event loop, so that a flood of new TLS connections delays only new TLS connections.
final class HandshakeThread: Sendable {
    private struct Step: Sendable {
        let token: UInt64
        let layer: SecureLayer
    }

    /// The maximum number of waiting steps. Each takes a millisecond or less, so a new client waits at most about half a second.
    private static let capacity = 512

    private let queue: BlockingQueue<Step>
    private let thread: Thread

    init(nice: Int32, mailbox: Mailbox) throws(Errno) {
        let queue = BlockingQueue<Step>(capacity: Self.capacity)
        self.queue = queue
        thread = try Thread(name: "tls-handshakes", nice: nice) {
            while let step = queue.take() { mailbox.send(.handshake(token: step.token, step.layer.shakeHands())) }
        }
    }

    /// False when the queue is full.
    func submit(_ layer: SecureLayer, token: UInt64) -> Bool { queue.offer(Step(token: token, layer: layer)) }

    func stop() {
        queue.close()
        thread.join()
    }
}
