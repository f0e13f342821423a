// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A small separate file system under a hub's data folder, to be filled or broken.
enum Disk {
    /// In memory; removed with the test.
    case memory(megabytes: Int)
    /// ext4 in a file of the lab.
    case ext4(megabytes: Int)

    func mount(at folder: URL, in lab: Lab) throws {
        switch self {
        case .memory(let megabytes):
            try Command.expect(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.path])
        case .ext4(let megabytes):
            let image = lab.folder.appendingPathComponent("disk.img").path
            try Command.expect(["truncate", "-s", "\(megabytes)M", image])
            try Command.expect(["mkfs.ext4", "-q", "-m", "0", image])
            try Command.expect(["mount", "-o", "loop", image, folder.path])
        }
        lab.atTearDown { Disk.unmount(folder) }
    }

    /// Unmounts it, even while it is in use.
    static func unmount(_ folder: URL) { _ = try? Command.run(["umount", "--lazy", folder.path]) }

    /// Uses all remaining blocks.
    static func fill(_ folder: String) throws { _ = try Command.run(["dd", "if=/dev/zero", "of=\(folder)/filler", "bs=4k"]) }

    static func makeRoom(_ folder: String) throws { try Command.expect(["rm", "\(folder)/filler"]) }

    /// What the kernel does to an ext4 file system when its disk fails: no more writes, not even to open files.
    static func abort(_ folder: String) throws { try Command.expect(["mount", "-o", "remount,abort", folder]) }
}
