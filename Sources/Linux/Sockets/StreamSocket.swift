// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

/// The result of one read from a stream.
public enum ReadResult: Equatable, Sendable {
    /// This many bytes (at least one) are at the start of the buffer.
    case bytes(Int)
    /// The peer closed its side.
    case end
    /// There is no data right now.
    case wouldBlock
}

/// The result of one write to a stream.
public enum WriteResult: Equatable, Sendable {
    /// This many bytes were written, counted over all parts; possibly not all.
    case bytes(Int)
    /// There is no room right now.
    case wouldBlock
}

/// The calls that TCP and unix streams share. If the peer is gone, they throw `.brokenPipe` and no signal is raised.
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

    /// Writes two parts, in one segment if they fit. sendmsg(2)
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

    /// Closes the sending side. No error if the peer is already gone. shutdown(2)
    func shutdownWriting() {
        _ = shutdown(raw, Int32(SHUT_WR))
    }

    /// Accepts one connection; nil when none waits. Skips connections that were aborted before they were accepted. accept(2)
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
