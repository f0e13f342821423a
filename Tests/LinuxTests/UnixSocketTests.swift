// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Linux
import Testing

struct `A unix socket` {
    let folder = TemporaryFolder()

    @Test func `carries bytes and has the mode asked for`() throws {
        let listener = try UnixListener(path: folder / "s")
        #expect(folder.mode(of: "s") == 0o600)
        let client = try SocketStream(connectingTo: folder / "s")
        guard let server = try listener.accept() else { throw Errno.timedOut }
        let written = try client.write([7].span)
        #expect(written == .bytes(1))
        var buffer = [UInt8](repeating: 0, count: 4)
        let received = try server.read(into: &buffer)
        #expect(received == .bytes(1))
        #expect(buffer[0] == 7)
    }

    @Test func `is removed with its listener`() throws {
        do { _ = try UnixListener(path: folder / "s") }
        #expect(!Files.exists(folder / "s"))
        #expect(throws: Errno.noSuchFile) { _ = try SocketStream(connectingTo: folder / "s") }
    }

    @Test func `of a living process is not taken over`() throws {
        let first = try UnixListener(path: folder / "s")
        #expect(throws: Errno.addressInUse) { _ = try UnixListener(path: folder / "s") }
        let path = first.path
        #expect(Files.exists(path))
    }

    @Test func `of a dead process is replaced, but no other file is`() throws {
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array((folder / "s").utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(dead, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(3 + bytes.count))
            }
        }
        try #require(bound == 0)
        close(dead)
        let listener = try UnixListener(path: folder / "s", mode: 0o660)
        #expect(folder.mode(of: "s") == 0o660)
        let isThere = listener.isThere
        #expect(isThere)
        try Data("keep me".utf8).write(to: URL(fileURLWithPath: folder / "file"))
        try FileManager.default.createSymbolicLink(atPath: folder / "link", withDestinationPath: folder / "file")
        for name in ["file", "link"] { #expect(throws: Errno.addressInUse) { _ = try UnixListener(path: folder / name) } }
        #expect(try String(contentsOfFile: folder / "file", encoding: .utf8) == "keep me")
    }

    @Test func `knows whether its file was deleted or replaced, and does not remove another's file`() throws {
        do {
            let first = try UnixListener(path: folder / "s")
            var isThere = [first.isThere]
            try FileManager.default.removeItem(atPath: folder / "s")
            isThere.append(first.isThere)
            let second = try UnixListener(path: folder / "s")
            isThere += [first.isThere, second.isThere]
            _ = consume first
            isThere.append(second.isThere)
            #expect(isThere == [true, false, false, true, true])
        }
        #expect(!Files.exists(folder / "s"))
    }

    @Test func `with a path that is too long is refused`() {
        #expect(throws: Errno.nameTooLong) { _ = try UnixListener(path: folder / String(repeating: "x", count: 120)) }
    }
}

struct `A service notifier` {
    let folder = TemporaryFolder()

    @Test(arguments: [false, true]) func `sends its state as one datagram`(isAbstract: Bool) throws {
        let name = isAbstract ? "hairpin-test-\(UUID().uuidString)" : folder / "n"
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(receiver) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = isAbstract ? [0] + Array(name.utf8) : Array(name.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(receiver, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(2 + bytes.count))
            }
        }
        try #require(bound == 0)
        try #require(ServiceNotifier(path: isAbstract ? "@" + name : name)).notify("READY=1\nSTATUS=serving")
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = recv(receiver, &buffer, 64, Int32(MSG_DONTWAIT))
        #expect(String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self) == "READY=1\nSTATUS=serving")
    }

    @Test func `is missing for an address that is not a unix socket`() {
        #expect(ServiceNotifier(path: "vsock:2:1234") == nil)
    }
}
