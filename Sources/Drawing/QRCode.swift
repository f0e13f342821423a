// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import CQREncode

/// A QR code as SVG: dark modules on white, with the quiet zone of four modules, so that it also scans in the dark theme (ISO/IEC 18004 8.1).
public struct QRCode: Sendable {
    /// The SVG document.
    public let svg: String

    /// The bytes that the largest code holds at the lowest correction level (ISO/IEC 18004, table 7).
    private static let maximumBytes = 2953

    /// True if there is a code for `text`: it contains no NUL and is not too long. Making the code takes most of a millisecond.
    public static func canHold(_ text: String) -> Bool { (1...maximumBytes).contains(text.utf8.count) && !text.utf8.contains(0) }

    /// Nil if no code can hold `text`. Uses medium correction while the code stays easy to scan, and low for long texts, because a phone reads it
    /// from a clean screen.
    public init?(_ text: String) {
        guard Self.canHold(text), let modules = Self.modules(text) else { return nil }
        let width = modules.count + 8
        var path = ""
        for (y, row) in modules.enumerated() {
            var x = 0
            while x < row.count {
                let run = row[x...].prefix { $0 }.count
                if run > 0 { path += "M\(x + 4) \(y + 4)h\(run)v1h-\(run)z" }
                x += max(run, 1)
            }
        }
        svg = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(width)" width="\(width * 5)" height="\(width * 5)"             shape-rendering="crispEdges"><rect width="\(width)" height="\(width)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>

            """
    }

    /// Rows of modules; true is dark.
    private static func modules(_ text: String) -> [[Bool]]? {
        let level = text.utf8.count <= 400 ? QR_ECLEVEL_M : QR_ECLEVEL_L
        // SAFETY: the code is a C object that only this function owns. Its data holds width * width bytes (qrencode.h) and is copied before it is
        // freed.
        guard let code = unsafe QRcode_encodeString8bit(text, 0, level) else { return nil }
        defer { unsafe QRcode_free(code) }
        let width = unsafe Int(code.pointee.width)
        let bytes = unsafe Array(UnsafeBufferPointer(start: code.pointee.data, count: width * width))
        return (0..<width).map { y in (0..<width).map { x in bytes[y * width + x] & 1 == 1 } }
    }
}
