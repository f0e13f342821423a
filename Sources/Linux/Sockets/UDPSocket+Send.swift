// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

extension UDPSocket {
    /// How the sends of one thread go about segmentation; learns from what the kernel refuses.
    public struct Segmentation: Sendable {
        /// False: every datagram leaves alone.
        public var isOn: Bool
        /// Receivers whose path refused segments, until when single datagrams are sent to them.
        var refused: [Endpoint: Instant] = [:]

        /// Single datagrams go where segments were refused for this long; the path may get better.
        static let memory: Duration = .seconds(300)

        public init(isOn: Bool) { self.isOn = isOn }

        /// Forgets refusals whose time is over, also of receivers that are not sent to any more.
        mutating func forgetExpired(now: Instant) {
            guard !refused.isEmpty, refused.values.contains(where: { $0 <= now }) else { return }
            refused = refused.filter { $0.value > now }
        }
    }

    /// How long one `send` may wait for room in the kernel's queues, once (WG-D-6).
    private static let patienceMilliseconds: Int32 = 1

    /// Sends all messages of `batch`, in order, and notes with each what became of it. Never throws, and waits at most once, a millisecond,
    /// for room in a full queue: a message that the kernel does not take then is given up, the others go on (WG-D-6).
    /// What a path or a kernel refuses as a train leaves in single datagrams (Documentation/data-path.md). sendmmsg(2)
    public func send(_ batch: borrowing UDPSendBatch, segmentation: inout Segmentation, now: Instant) {
        segmentation.forgetExpired(now: now)
        for index in 0..<batch.count { batch.seal(index) }
        var mayWait = true
        var next = 0
        while next < batch.count {
            if mustSendSingly(batch, next, segmentation) {
                sendSingly(batch, next, &segmentation, &mayWait)
                next += 1
                continue
            }
            // One by one while some are not to be sent as trains.
            let end = segmentation.isOn && segmentation.refused.isEmpty ? batch.count : next + 1
            let sent = calls.sendMany(descriptor.raw, batch.headers + next, UInt32(end - next))
            if sent > 0 {
                next += Int(sent)
                continue
            }
            // The error is that of the first message left.
            let error = Errno.last
            guard !mayRetry(batch, next, after: error, &segmentation, &mayWait, now: now) else { continue }
            batch.fail(next, error)
            next += 1
        }
    }

    private func mustSendSingly(_ batch: borrowing UDPSendBatch, _ index: Int, _ segmentation: Segmentation) -> Bool {
        guard batch.isSegmented(index) else { return false }
        guard segmentation.isOn else { return true }
        return !segmentation.refused.isEmpty && batch.receiver(of: index).endpoint.map { segmentation.refused[$0] != nil } ?? false
    }

    /// Whether the message may leave after all, now that something about it was changed. Each change is made once.
    private func mayRetry(
        _ batch: borrowing UDPSendBatch, _ index: Int, after error: Errno, _ segmentation: inout Segmentation, _ mayWait: inout Bool, now: Instant
    ) -> Bool {
        switch error.code {
        case EINTR: return true
        case EIO where batch.isSegmented(index):
            // The way out has no checksum offload: no segmentation on this host.
            segmentation.isOn = false
            return true
        case EINVAL where batch.isSegmented(index), EMSGSIZE where batch.isSegmented(index):
            // A path with a smaller MTU: single datagrams can be fragmented.
            guard let endpoint = batch.receiver(of: index).endpoint else { return false }
            segmentation.refused[endpoint] = now + Segmentation.memory
            return true
        default: return mayRetry(batch, index, after: error, isSegmented: true, &mayWait)
        }
    }

    /// The same for what has nothing to do with trains.
    private func mayRetry(
        _ batch: borrowing UDPSendBatch, _ index: Int, after error: Errno, isSegmented: Bool, _ mayWait: inout Bool
    ) -> Bool {
        switch error.code {
        case EINTR: return true
        case EINVAL where batch.hasLocal(index), EADDRNOTAVAIL where batch.hasLocal(index):
            // The local address is gone from the host (WG-E-6).
            batch.clearLocal(index)
            batch.seal(index, segmented: isSegmented)
            return true
        case EAGAIN where mayWait, ENOBUFS where mayWait:
            mayWait = false
            waitForRoom(isQueueOfSocket: error.code == EAGAIN)
            return true
        default: return false
        }
    }

    /// The socket says when its own queue has room; that of a device says nothing. poll(2)
    private func waitForRoom(isQueueOfSocket: Bool) {
        var poll = pollfd(fd: descriptor.raw, events: Int16(POLLOUT), revents: 0)
        _ = Glibc.poll(&poll, isQueueOfSocket ? 1 : 0, Self.patienceMilliseconds)
    }

    private func sendSingly(_ batch: borrowing UDPSendBatch, _ index: Int, _ segmentation: inout Segmentation, _ mayWait: inout Bool) {
        batch.seal(index, segmented: false)
        batch.forEachDatagram(of: index) { header in
            while calls.sendOne(descriptor.raw, &header) < 0 {
                let error = Errno.last
                let hadLocal = batch.hasLocal(index)
                guard mayRetry(batch, index, after: error, isSegmented: false, &mayWait) else {
                    return batch.fail(index, error, datagrams: 1, byteCount: header.msg_iov.pointee.iov_len)
                }
                batch.copyControl(of: index, to: &header)
                // It was the source that did not fit, and the path takes trains.
                if hadLocal, !batch.hasLocal(index), let endpoint = batch.receiver(of: index).endpoint { segmentation.refused[endpoint] = nil }
            }
        }
    }
}
