// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import Linux
import Net
import Testing

@testable import Relay

@Suite struct `The socket for wg` {
    /// A hub with its socket in a separate folder.
    private final class Socket {
        let hub: Hub
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("uapi-\(UUID().uuidString.prefix(8)).sock").path
        let server: TextServer

        init() throws {
            let hub = try Hub(workers: 1)
            self.hub = hub
            server = try TextServer(path: path, name: "uapi") { hub.engine.answer(uapi: $0) }
        }

        deinit {
            server.stop()
            hub.stop()
        }

        func ask(_ text: String) throws -> String { try Self.read(Self.send(text, to: path)) }

        static func send(_ text: String, to path: String) throws -> SocketStream {
            let stream = try SocketStream(connectingTo: path)
            _ = try stream.write(Array(text.utf8).span)
            return stream
        }

        /// The text up to an empty line or the end.
        static func read(_ stream: consuming SocketStream, toTheEnd: Bool = false, timeout: Duration = .seconds(60)) throws -> String {
            var answer: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            let deadline = Instant.now() + timeout
            while Instant.now() < deadline {
                switch try stream.read(into: &buffer) {
                case .bytes(let count): answer += buffer[..<count]
                case .end: return String(decoding: answer, as: UTF8.self)
                case .wouldBlock: Linux.Thread.sleep(.milliseconds(1))
                }
                if !toTheEnd, answer.suffix(2) == [10, 10] { return String(decoding: answer, as: UTF8.self) }
            }
            throw Errno.timedOut
        }
    }

    @Test func `WG-U-4 shows everything about the hub and each peer`() throws {
        let socket = try Socket()
        let (a, psk) = (socket.hub.peer("10.3.2.2"), PresharedKey.generate())
        var configuration = a.configuration(reaching: [], keepalive: .seconds(25), presharedKey: psk)
        configuration.ownedPrefixes.append(IPPrefix("fd00::3:2:2/128")!)
        _ = socket.hub.engine.apply([.add(configuration, PeerMemory(endpoint: Endpoint("[2001:db8::7]:4500")!))], generation: 1)
        let hex = { (bytes: Bytes32) in Array(bytes).map { String(format: "%02x", $0) }.joined() }
        let answer = try socket.ask("get=1\n\n")
        let tx = socket.hub.engine.status().peers[0].sentBytes
        #expect(
            answer == """
                private_key=\(hex(socket.hub.engine.privateKey.bytes))
                listen_port=\(socket.hub.engine.listen.port)
                public_key=\(hex(a.publicKey.bytes))
                preshared_key=\(hex(psk.bytes))
                protocol_version=1
                endpoint=[2001:db8::7]:4500
                last_handshake_time_sec=0
                last_handshake_time_nsec=0
                tx_bytes=\(tx)
                rx_bytes=0
                persistent_keepalive_interval=25
                allowed_ip=10.3.2.2/32
                allowed_ip=fd00::3:2:2/128
                errno=0


                """)
    }

    @Test func `WG-U-5 gives the time of the handshake as wall-clock time`() throws {
        let socket = try Socket()
        let a = socket.hub.peer("10.3.2.2")
        socket.hub.add(a, reaching: [])
        try #require(a.connect())
        try #require(eventually { socket.hub.engine.status().peers[0].lastHandshake != nil })
        let time = try #require(try socket.ask("get=1\n\n").firstMatch(of: /last_handshake_time_sec=(\d+)/))
        #expect(abs(try #require(Int64(time.1)) - UnixTime.now().seconds) < 60)
    }

    @Test func `WG-U-8 refuses settings with an error number that wg set understands`() throws {
        let socket = try Socket()
        #expect(try socket.ask("set=1\nlisten_port=1\n\n") == "errno=-95\n\n")
        #expect(try socket.ask("set=1\nlisten_port=x\n\n") == "errno=-22\n\n")
        #expect(try socket.ask("get=1\nlisten_port=1\n\n") == "errno=71\n\n")
    }

    @Test func `WG-U-3 answers several requests in order and closes on anything else`() throws {
        let socket = try Socket()
        let stream = try Socket.send("set=1\n\nset=1\nx=\n\nhello\n\n", to: socket.path)
        #expect(try Socket.read(stream, toTheEnd: true) == "errno=-95\n\nerrno=-22\n\n")
    }

    @Test func `WG-U-11 treats the end of the stream as the end of a request`() throws {
        let socket = try Socket()
        let stream = try Socket.send("set=1\n", to: socket.path)
        stream.shutdownWriting()
        #expect(try Socket.read(stream) == "errno=-95\n\n")
    }

    @Test func `WG-U-11 is not delayed by clients that send nothing, little or too much`() throws {
        let socket = try Socket()
        var silent: [StreamBox] = []
        for number in 0..<40 { silent.append(StreamBox(try Socket.send(number % 2 == 0 ? "" : "g", to: socket.path))) }
        let flood = StreamBox(try SocketStream(connectingTo: socket.path))
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 10)
        var sent = 0
        let deadline = Instant.now() + .seconds(20)
        var isClosed = false
        while !isClosed, Instant.now() < deadline {
            do {
                if case .bytes(let count) = try flood.stream.write(chunk.span) { sent += count } else { Linux.Thread.sleep(.milliseconds(1)) }
            } catch {
                isClosed = true
            }
        }
        #expect(isClosed && sent < TextServer.requestLimit + (8 << 20))
        let slow = try SocketStream(connectingTo: socket.path)
        for byte in "get=1\n\n".utf8 { _ = try slow.write([byte].span) }
        #expect(try Socket.read(slow).hasSuffix("errno=0\n\n"))
        #expect(silent.count == 40)
    }

    @Test func `WG-U-2 is removed with its server`() throws {
        var socket: Socket? = try Socket()
        let path = try #require(socket?.path)
        #expect(Files.exists(path))
        socket = nil
        #expect(!Files.exists(path))
    }

    @Test func `WG-A-10 lists 20,000 peers completely and quickly`() throws {
        let socket = try Socket()
        let changes = (0..<20_000).map { number -> PeerChange in
            let prefix = IPPrefix("10.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)/32")!
            return .add(
                PeerConfiguration(publicKey: PublicKey(SecureRandom.bytes(32))!, ownedPrefixes: [prefix], allowedIPs: [IPPrefix("10.0.0.0/8")!]),
                PeerMemory(endpoint: Endpoint("192.0.2.1:51820")!))
        }
        _ = socket.hub.engine.apply(changes, generation: 1)
        let answer = try socket.ask("get=1\n\n")
        #expect(answer.split(separator: "\n").count { $0.hasPrefix("public_key=") } == 20_000)
        #expect(answer.hasSuffix("errno=0\n\n"))
        // 300 ms is the limit for the release program; a debug or sanitizer build takes about ten times as long.
        #if DEBUG || SANITIZED
            let limit = Duration.seconds(3)
        #else
            let limit = Duration.milliseconds(300)
        #endif
        let times = (0..<5).map { _ in ContinuousClock().measure { _ = socket.hub.engine.answer(uapi: Array("get=1\n".utf8)) } }
        #expect(times.min().map { $0 < limit } == true, "\(times)")
    }
}

private final class StreamBox {
    let stream: SocketStream
    init(_ stream: consuming SocketStream) { self.stream = stream }
}
