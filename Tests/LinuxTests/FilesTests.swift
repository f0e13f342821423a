// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
@testable import Linux
import Synchronization
import Testing

struct `A file` {
    let folder = TemporaryFolder()

    @Test(
        arguments: [
            (0x6969, "NFS"), (0xFF53_4D42, "SMB"), (0xFE53_4D42, "SMB"), (0x0102_1997, "9P"), (0xEF53, nil), (0x0102_1994, nil), (0x9123_683E, nil),
        ] as [(UInt32, String?)])
    func `system over a network is known by its type`(type: UInt32, name: String?) { #expect(Files.networkFileSystem(type: type) == name) }

    @Test func `system is looked up by a path`() {
        #expect(Files.networkFileSystem(of: "/proc") == nil)
        #expect(Files.networkFileSystem(of: folder / "nothing") == nil)
    }

    @Test func `system without locks is named as such`() {
        let text = FileError(path: "/data/serve.lock", .system(operation: "lock", .noLocks)).description
        #expect(
            text == "/data/serve.lock cannot be locked: its file system has no locks, like some network file systems. Use a folder on a local disk.")
    }

    @Test func `written is read back and is private`() throws {
        try Files.writeAtomically([1, 2, 3], to: folder / "key")
        #expect(try Files.readPrivate(folder / "key") == [1, 2, 3])
        #expect(folder.mode(of: "key") == 0o600)
    }

    @Test func `is replaced and leaves no other file beside it`() throws {
        try Files.writeAtomically([1], to: folder / "key")
        try Files.writeAtomically([2], to: folder / "key")
        #expect(try Files.read(folder / "key") == [2])
        #expect(try Files.list(folder.path) == ["key"])
    }

    @Test func `beyond the limit is refused`() throws {
        try Files.writeAtomically([1, 2, 3], to: folder / "big")
        #expect(try Files.read(folder / "big", limit: 3) == [1, 2, 3])
        #expect(throws: FileError(path: folder / "big", .tooLarge(limit: 2))) { try Files.read(folder / "big", limit: 2) }
    }

    @Test func `that others may read is not private`() throws {
        try Files.writeAtomically([1], to: folder / "open", mode: 0o644)
        #expect(throws: FileError(path: folder / "open", .notPrivate(mode: 0o644))) { try Files.readPrivate(folder / "open") }
        #expect(throws: FileError.self) { try Files.checkPrivate(folder / "open") }
    }

    @Test func `behind a link is refused`() throws {
        try Files.writeAtomically([1], to: folder / "key")
        symlink(folder / "key", folder / "link")
        #expect(throws: FileError(path: folder / "link", .system(operation: "open", Errno(ELOOP)))) {
            try Files.read(folder / "link")
        }
    }

    @Test func `that is missing is named in the error`() {
        let error = #expect(throws: FileError.self) { try Files.read(folder / "none") }
        #expect(error?.description == "\(folder / "none"): open: No such file or directory (ENOENT)")
    }
}

struct `A folder` {
    let folder = TemporaryFolder()

    @Test func `is made private with its parents`() throws {
        try Files.makePrivateDirectory(folder / "a/b/c")
        #expect(folder.mode(of: "a/b/c") == 0o700)
        #expect(folder.mode(of: "a") == 0o700)
        try Files.makePrivateDirectory(folder / "a/b/c")
    }

    @Test func `that others may enter is refused and not changed`() throws {
        try Files.makePrivateDirectory(folder / "a")
        chmod(folder / "a", 0o755)
        #expect(throws: FileError(path: folder / "a", .notPrivate(mode: 0o755))) { try Files.makePrivateDirectory(folder / "a") }
        #expect(folder.mode(of: "a") == 0o755)
    }

    @Test func `lists files below it in order, without links and hidden ones`() throws {
        try Files.makePrivateDirectory(folder / "b")
        for name in ["z", "b/y", ".hidden"] { try Files.writeAtomically([], to: folder / name) }
        symlink(folder / "z", folder / "link")
        #expect(try Files.list(folder.path) == ["b/y", "z"])
    }

    @Test func `is locked by one holder at a time`() throws {
        do {
            let first = try FileLock(path: folder / "lock")
            #expect(throws: FileError(path: folder / "lock", .locked)) { _ = try FileLock(path: folder / "lock") }
            _ = consume first
        }
        _ = try FileLock(path: folder / "lock")
    }

    @Test func `is locked by a waiting process as soon as the holder releases it`() throws {
        let path = folder / "lock"
        let taken = Atomic(false)
        let holder = try Linux::Thread(name: "holder") {
            guard let first = try? FileLock(path: path) else { return }
            taken.store(true, ordering: .releasing)
            Linux::Thread.sleep(.milliseconds(200))
            _ = consume first
        }
        while !taken.load(ordering: .acquiring) { Linux::Thread.sleep(.milliseconds(1)) }
        let begin = ContinuousClock.now
        _ = try FileLock(path: path, patience: .seconds(10))
        #expect(ContinuousClock.now - begin > .milliseconds(100))
        holder.join()
    }

    @Test func `has the holder's last note in its lock file`() throws {
        let lock = try FileLock(path: folder / "lock")
        try lock.write("a longer text")
        try lock.write("short")
        #expect(try Files.read(folder / "lock") == Array("short".utf8))
        _ = consume lock
    }
}

/// A private folder that is removed with the test.
final class TemporaryFolder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)").path

    init() { mkdir(path, 0o700) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    static func / (folder: TemporaryFolder, name: String) -> String { "\(folder.path)/\(name)" }

    func mode(of name: String) -> UInt32 {
        var status = stat()
        return stat(self / name, &status) == 0 ? status.st_mode & 0o7777 : 0
    }
}
