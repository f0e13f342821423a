// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc
import Net

extension UDPSocket {
    /// How long one `send` may wait for room in the kernel's queues, once (WG-D-6).
    private static let patienceMilliseconds: Int32 = 1

    /// Sends all messages of `batch` in order and records the result of each. Never throws. Waits for room in a full queue at most once,
    /// for a millisecond, and not again for a while; then gives up the message and continues with the next (WG-D-6, WG-D-12). A train that a
    /// path or kernel refuses is sent as single datagrams (Documentation/data-path.md). sendmmsg(2)
    public func send(_ batch: borrowing UDPSendBatch, segmentation: inout Segmentation, now: Instant) {
        for index in 0..<batch.count { batch.seal(index) }
        var mayWait = segmentation.mayWait(now: now)
        var (next, end) = (0, 0)
        while next < batch.count {
            if mustSendSingly(batch, next, segmentation, now: now) {
                sendSingly(batch, next, &segmentation, &mayWait, now: now)
                next += 1
                continue
            }
            // Up to the next one that must not leave as a train.
            if end <= next {
                end = next + 1
                while end < batch.count, !mustSendSingly(batch, end, segmentation, now: now) { end += 1 }
            }
            let sent = calls.sendMany(descriptor.raw, batch.headers + next, UInt32(end - next))
            if sent > 0 {
                next += Int(sent)
                continue
            }
            // The error belongs to the first unsent message.
            let error = Errno.last
            guard !mayRetry(batch, next, after: error, &segmentation, &mayWait, now: now) else {
                end = 0
                continue
            }
            batch.fail(next, error)
            next += 1
        }
    }

    private func mustSendSingly(
        _ batch: borrowing UDPSendBatch, _ index: Int, _ segmentation: borrowing Segmentation, now: Instant
    ) -> Bool {
        guard batch.isSegmented(index) else { return false }
        return !segmentation.isOn || segmentation.isRefused(by: batch.receiver(of: index), now: now)
    }

    /// Whether to try the message again after adapting to the error. Each adaptation is made once.
    private func mayRetry(
        _ batch: borrowing UDPSendBatch, _ index: Int, after error: Errno, _ segmentation: inout Segmentation, _ mayWait: inout Bool, now: Instant
    ) -> Bool {
        switch error.code {
        case EINTR: return true
        case EIO where batch.isSegmented(index):
            // The interface has no checksum offload: do not segment on this host.
            segmentation.isOn = false
            return true
        case EINVAL where batch.isSegmented(index), EMSGSIZE where batch.isSegmented(index):
            // The path has a smaller MTU: single datagrams can be fragmented.
            segmentation.noteRefusal(by: batch.receiver(of: index), now: now)
            return true
        default: return mayRetry(batch, index, after: error, isSegmented: true, &segmentation, &mayWait, now: now)
        }
    }

    /// The same for errors that have nothing to do with trains.
    private func mayRetry(
        _ batch: borrowing UDPSendBatch, _ index: Int, after error: Errno, isSegmented: Bool, _ segmentation: inout Segmentation,
        _ mayWait: inout Bool, now: Instant
    ) -> Bool {
        switch error.code {
        case EINTR: return true
        case EINVAL where batch.hasLocal(index), EADDRNOTAVAIL where batch.hasLocal(index):
            // The host no longer has the local address (WG-E-6).
            batch.clearLocal(index)
            batch.seal(index, segmented: isSegmented)
            return true
        case EAGAIN where mayWait && !batch.isExpendable(index), ENOBUFS where mayWait && !batch.isExpendable(index):
            mayWait = false
            segmentation.noteWait(now: now)
            waitForRoom(isQueueOfSocket: error.code == EAGAIN)
            return true
        default: return false
        }
    }

    /// The socket reports when its own queue has room; a full device queue is not reported. poll(2)
    private func waitForRoom(isQueueOfSocket: Bool) {
        var poll = pollfd(fd: descriptor.raw, events: Int16(POLLOUT), revents: 0)
        _ = Glibc.poll(&poll, isQueueOfSocket ? 1 : 0, Self.patienceMilliseconds)
    }

    private func sendSingly(_ batch: borrowing UDPSendBatch, _ index: Int, _ segmentation: inout Segmentation, _ mayWait: inout Bool, now: Instant) {
        batch.seal(index, segmented: false)
        batch.forEachDatagram(of: index) { header in
            while calls.sendOne(descriptor.raw, &header) < 0 {
                let error = Errno.last
                let hadLocal = batch.hasLocal(index)
                guard mayRetry(batch, index, after: error, isSegmented: false, &segmentation, &mayWait, now: now) else {
                    return batch.fail(index, error, datagrams: 1, byteCount: header.msg_iov.pointee.iov_len)
                }
                batch.copyControl(of: index, to: &header)
                // The source address caused the error; the path accepts trains.
                if hadLocal, !batch.hasLocal(index) { segmentation.forgetRefusal(by: batch.receiver(of: index)) }
            }
        }
    }
}
