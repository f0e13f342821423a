// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// The program under test, installed as by a package: readable for an ordinary user, with its Templates, Public and Migrations.
enum Installation {
    /// The user that hubs run as: nobody.
    static let user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]

    /// The same with CAP_NET_ADMIN, as the drop-in hairpin-gateway.conf gives it.
    static let userWithNetwork = Array(user.dropLast()) + ["--inh-caps=+net_admin", "--ambient-caps=+net_admin", "--"]

    /// Runs the rest of the command where everybody may open /dev/net/tun. `ip netns exec` gives each command mounts of its own.
    static let openTUN = [
        "sh", "-c", "mount -t tmpfs -o mode=755 none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec \"$@\"", "sh",
    ]

    /// The installed program. HAIRPIN_BINARY names another program than the debug build.
    static var program: String { get throws { try installed.get().appendingPathComponent("hairpin").path } }

    /// The folder for `--root`.
    static var root: String { get throws { try installed.get().path } }

    /// The checkout that contains these tests.
    static let checkout = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..").standardizedFileURL

    private static let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-lab-\(getpid())-program")

    private static let installed = Result { () throws -> URL in
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let parts = ["Templates", "Public", "Migrations"].map { checkout.appendingPathComponent($0).path }
        try Command.expect(["cp", "-r"] + parts + [folder.path])
        try Command.expect(["cp", binary, folder.appendingPathComponent("hairpin").path])
        try Command.expect(["chmod", "-R", "a+rX", folder.path])
        atexit { try? FileManager.default.removeItem(at: Installation.folder) }
        let version = try Command.run(user + [folder.appendingPathComponent("hairpin").path, "version"])
        guard version.status == 0 else {
            throw LabError("an ordinary user cannot run \(binary): \(version.errors) (is the Swift runtime readable for everybody?)")
        }
        return folder
    }

    private static let binary =
        ProcessInfo.processInfo.environment["HAIRPIN_BINARY"]
        ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("hairpin").path
}
