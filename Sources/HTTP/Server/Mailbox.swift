// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Synchronization
import TLS

/// What other threads tell the event loop.
enum Message: Sendable {
    /// The response to a request, and the processor time that it took.
    case answer(token: UInt64, Response, route: Int?, took: Duration)
    /// Whether a large body may be sent: yes if `refusal` is nil.
    case admission(token: UInt64, Application.BodyAdmission)
    case deferred(token: UInt64, Request)
    case step(token: UInt64, EventStream.Step)
    case piece(token: UInt64, ByteStream.Step)
    case handshake(token: UInt64, TLSSession.Handshake)
    case endEvents(key: String)
    case stop
}

/// Messages to the event loop; the first one wakes it.
final class Mailbox: Sendable {
    /// The poller reports each signal once (`.edge`), so nobody needs to drain it.
    let wake: EventDescriptor
    private let messages = Mutex<[Message]>([])

    init() throws(Errno) { wake = try EventDescriptor() }

    func send(_ message: Message) {
        let isFirst = messages.withLock { messages in
            messages.append(message)
            return messages.count == 1
        }
        if isFirst { wake.signal() }
    }

    /// Removes and returns all messages.
    func take() -> [Message] {
        messages.withLock { messages in
            let all = messages
            messages = []
            return all
        }
    }
}
