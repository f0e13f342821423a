// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Net

@testable import Linux

/// A plain UDP socket on 127.0.0.1 for tests beyond `TestPeer`: trains that the kernel splits, and the whole type of service.
final class LoopbackSocket {
    private let descriptor: Int32

    init() {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_IP), IP_RECVTOS, &on, socklen_t(MemoryLayout<Int32>.size))
        var timeout = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let descriptor = descriptor
        SocketAddress.with(Endpoint("127.0.0.1:0")!) { _ = bind(descriptor, $0, $1) }
    }

    deinit { close(descriptor) }

    /// Where it can be reached.
    var endpoint: Endpoint {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, __SOCKADDR_ARG(__sockaddr__: $0), &length) }
        }
        return SocketAddress.endpoint(of: storage)!
    }

    /// Sends one datagram, or with `segmentByteCount` a train of them (UDP_SEGMENT). False if the kernel refuses it.
    @discardableResult
    func send(_ bytes: [UInt8], to hub: Endpoint, segmentByteCount: Int = 0) -> Bool {
        var size = Int32(segmentByteCount)
        setsockopt(descriptor, Int32(IPPROTO_UDP), 103, &size, socklen_t(MemoryLayout<Int32>.size))
        return SocketAddress.with(hub) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) == bytes.count }
    }

    /// The next datagram and its type of service; nil after two seconds.
    func receive() -> (bytes: [UInt8], typeOfService: UInt8)? {
        var bytes = [UInt8](repeating: 0, count: 2048)
        // A cmsghdr of 16 bytes, followed by the value.
        var control = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { buffer in
            control.withUnsafeMutableBytes { control in
                var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var header = msghdr()
                    header.msg_iov = vector
                    header.msg_iovlen = 1
                    header.msg_control = control.baseAddress
                    header.msg_controllen = control.count
                    return recvmsg(descriptor, &header, 0)
                }
            }
        }
        return count < 0 ? nil : (Array(bytes.prefix(count)), control[16])
    }
}
