// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc

/// A setting of the kernel, such as `net.ipv4.ip_forward`. Those of the network belong to the network namespace of the calling thread. sysctl(8)
public struct KernelSetting: Hashable, Sendable {
    /// The parts of its name.
    private let parts: [String]

    public init(_ parts: String...) { self.parts = parts }

    /// The command that sets it.
    public func command(_ value: String) -> String {
        // The command takes slashes where a part has dots.
        let hasDots = parts.contains { $0.contains(".") }
        return "sysctl -w \(parts.joined(separator: hasDots ? "/" : "."))=\(value)"
    }

    /// The value without the end of the line; nil if the kernel has no such setting.
    public var value: String? {
        guard let bytes = try? Files.open(path, O_RDONLY) else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            let count = read(bytes.raw, buffer.baseAddress, buffer.count)
            guard count > 0 else { return nil }
            return String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }

    /// Sets it. Throws `.readOnlyFileSystem` or `.permissionDenied` if this process may not.
    public func set(_ value: String) throws(Errno) {
        let path = path
        let file = Descriptor(owning: try systemCall { open(path, O_WRONLY | O_CLOEXEC) })
        let bytes = Array(value.utf8)
        try systemCall { write(file.raw, bytes, bytes.count) }
    }

    private var path: String { "/proc/sys/" + parts.joined(separator: "/") }
}
