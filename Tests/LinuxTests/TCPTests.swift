// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Linux
import Net
import Testing

struct `A TCP listener` {
    static let loopback = Endpoint(address: .v4(.loopback), port: 0)

    @Test func `has the port that the kernel chose`() throws {
        #expect(try TCPListener(Self.loopback).endpoint.port != 0)
    }

    @Test func `refuses a port that is taken`() throws {
        let first = try TCPListener(Self.loopback)
        let endpoint = first.endpoint
        #expect(throws: Errno.addressInUse) { _ = try TCPListener(endpoint) }
    }

    @Test func `has no connection to accept at first`() throws {
        let listener = try TCPListener(Self.loopback)
        let accepted = try listener.accept()
        let isEmpty = accepted == nil
        #expect(isEmpty)
    }

    @Test func `at the IPv6 wildcard accepts IPv4 and shows it as IPv4`() throws {
        guard let listener = try? TCPListener(Endpoint(address: .v6(.any), port: 0)) else { return }
        let client = try SocketStream(connectingTo: Endpoint(address: .v4(.loopback), port: listener.endpoint.port))
        let isConnected = try client.isConnected()
        try #require(isConnected)
        let peer = try listener.accept()?.peer
        #expect(peer?.address == .v4(.loopback))
    }
}

struct `A TCP stream` {
    @Test func `does not block, is closed on exec, and sends without Nagle's delay`() throws {
        let listener = try TCPListener(Endpoint(address: .v4(.loopback), port: 0))
        let client = try SocketStream(connectingTo: listener.endpoint)
        var accepted: SocketStream?
        for _ in 0..<1000 where accepted == nil {
            accepted = try listener.accept()
            Linux::Thread.sleep(.milliseconds(1))
        }
        let number = accepted?.descriptor.raw ?? -1
        var noDelay: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, &length)
        #expect(noDelay == 1)
        #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
        #expect(client.descriptor.raw != number)
    }

    @Test func `carries both parts in order and then the end`() throws {
        let (client, server) = try connectedPair()
        #expect(try client?.write([1, 2], [3]) == .bytes(3))
        client?.stream.shutdownWriting()
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(try server.isReadable())
        #expect(try server.read(into: &buffer) == .bytes(3))
        #expect(buffer[..<3] == [1, 2, 3])
        #expect(try server.isReadable())
        #expect(try server.read(into: &buffer) == .end)
    }

    @Test func `would block if nothing has arrived`() throws {
        let (client, server) = try connectedPair()
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(try server.read(into: &buffer) == .wouldBlock)
        withExtendedLifetime(client) {}
    }

    @Test func `that is reset fails on the other side`() throws {
        var (client, server) = try connectedPair()
        client?.stream.resetOnClose()
        client = nil
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(try server.isReadable())
        #expect(throws: Errno.connectionReset) { try server.read(into: &buffer) }
    }

    @Test func `whose peer is gone fails to write without a signal`() throws {
        var (client, server) = try connectedPair()
        client = nil
        var refusal: Errno?
        for _ in 0..<1000 where refusal == nil {
            do { _ = try server.write([1], []) } catch { refusal = error }
            Linux::Thread.sleep(.milliseconds(1))
        }
        #expect(refusal == .connectionReset || refusal == .brokenPipe)
    }
}

private func connectedPair() throws -> (Held?, Held) {
    let listener = try TCPListener(Endpoint(address: .v4(.loopback), port: 0))
    let client = Held(try SocketStream(connectingTo: listener.endpoint))
    var poller = try Poller()
    try poller.add(listener.descriptor, token: 0, for: .readable)
    _ = try poller.wait(timeout: .seconds(5))
    guard let server = try listener.accept() else { throw Errno.timedOut }
    return (client, Held(server))
}

/// Holds a stream, because values in a tuple or in #expect must be copyable. The last reference closes it.
private final class Held {
    let stream: SocketStream
    init(_ stream: consuming SocketStream) { self.stream = stream }

    func write(_ first: [UInt8], _ second: [UInt8]) throws(Errno) -> WriteResult { try stream.write(first.span, second.span) }
    func read(into buffer: inout [UInt8]) throws(Errno) -> ReadResult { try stream.read(into: &buffer) }
    func isReadable() throws -> Bool {
        var poller = try Poller()
        try poller.add(stream.descriptor, token: 0, for: .readable)
        return try poller.wait(timeout: .seconds(5)) == 1
    }
}

extension SocketStream {
    fileprivate borrowing func isConnected() throws -> Bool {
        var poller = try Poller()
        try poller.add(descriptor, token: 0, for: .writable)
        return try poller.wait(timeout: .seconds(5)) == 1 && connectError == nil
    }
}
