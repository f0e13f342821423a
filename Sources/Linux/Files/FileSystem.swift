// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CLinux
import Glibc

extension Files {
    /// The bytes that an ordinary user can still write to the file system that contains `path`; nil if it is unknown. statfs(2)
    public static func freeBytes(at path: String) -> UInt64? {
        var status = statfs()
        guard statfs(path, &status) == 0 else { return nil }
        return UInt64(clamping: status.f_bavail).multipliedReportingOverflow(by: UInt64(clamping: status.f_bsize)).partialValue
    }

    /// The name of the network file system that contains `path`, such as `NFS`. Nil for a local file system, and if it is unknown. Network
    /// file systems may lack locks and shared memory, or have locks that do not reach other hosts. statfs(2)
    public static func networkFileSystem(of path: String) -> String? {
        var status = statfs()
        guard statfs(path, &status) == 0 else { return nil }
        return networkFileSystem(type: UInt32(truncatingIfNeeded: status.f_type))
    }

    /// The name that belongs to the type in statfs(2).
    static func networkFileSystem(type: UInt32) -> String? {
        switch type {
        case 0x6969: "NFS"
        case 0x517B, 0xFE53_4D42, 0xFF53_4D42: "SMB"
        case 0x0102_1997: "9P"
        case 0x00C3_6400: "Ceph"
        case 0x5346_414F, 0x6B41_4653: "AFS"
        case 0x7375_7245: "Coda"
        case 0x564C: "NCP"
        case 0x0116_1970: "GFS2"
        case 0x7461_636F: "OCFS2"
        case 0x0BD0_0BD0: "Lustre"
        default: nil
        }
    }
}
