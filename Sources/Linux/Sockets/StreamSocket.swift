// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// What came of one read from a stream.
public enum ReadResult: Equatable, Sendable {
    /// So many bytes stand at the begin of the buffer; at least one.
    case bytes(Int)
    /// The peer will send nothing more.
    case end
    /// Nothing there now.
    case wouldBlock
}

/// What came of one write to a stream.
public enum WriteResult: Equatable, Sendable {
    /// So many bytes were taken, counted over all parts; perhaps not all.
    case bytes(Int)
    /// No room now.
    case wouldBlock
}

/// The calls that TCP and unix streams share. No signal is raised when the peer is gone: `.brokenPipe` says it.
extension Descriptor {
    /// recv(2)
    func receive(into buffer: inout [UInt8], atMost limit: Int = .max) throws(Errno) -> ReadResult {
        let socket = raw
        let count: Int
        do {
            count = try systemCall { buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress, min($0.count, limit), 0) } }
        } catch {
            if error == .wouldBlock { return .wouldBlock }
            throw error
        }
        return count == 0 ? .end : .bytes(count)
    }

    /// Two parts in one segment where they fit. sendmsg(2)
    func send(_ first: Span<UInt8>, _ second: Span<UInt8>) throws(Errno) -> WriteResult {
        let socket = raw
        do {
            let count = try first.withUnsafeBytes { head throws(Errno) in
                try second.withUnsafeBytes { body throws(Errno) in
                    // SAFETY: the kernel only reads through these pointers, and only during the call.
                    var parts = (
                        iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
                        iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
                    )
                    return try systemCall {
                        withUnsafeMutablePointer(to: &parts) { pointer in
                            pointer.withMemoryRebound(to: iovec.self, capacity: 2) { vector in
                                var message = msghdr()
                                message.msg_iov = vector
                                message.msg_iovlen = body.isEmpty ? 1 : 2
                                return sendmsg(socket, &message, Int32(MSG_NOSIGNAL))
                            }
                        }
                    }
                }
            }
            return .bytes(count)
        } catch {
            if error == .wouldBlock { return .wouldBlock }
            throw error
        }
    }

    /// Says that nothing more will be sent; a peer that is gone already is no error. shutdown(2)
    func shutdownWriting() {
        _ = shutdown(raw, Int32(SHUT_WR))
    }

    /// One incoming connection, nil when none waits. A peer that gave up before we came is passed over. accept(2)
    func acceptConnection(_ storage: inout sockaddr_storage) throws(Errno) -> Descriptor? {
        let listener = raw
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        while true {
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            do {
                let accepted = try systemCall {
                    withUnsafeMutablePointer(to: &storage) { pointer in
                        // SAFETY: sockaddr_storage is made to be seen as any sockaddr, and `length` is its whole size.
                        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                            accept4(listener, __SOCKADDR_ARG(__sockaddr__: $0), &length, flags)
                        }
                    }
                }
                return Descriptor(owning: accepted)
            } catch {
                switch error.code {
                case EAGAIN: return nil
                case ECONNABORTED, EPROTO: continue
                default: throw error
                }
            }
        }
    }
}
