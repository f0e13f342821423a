// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A response body that is produced while it is sent, for responses that grow with the data. The server pulls pieces from it.
///
/// `next` is called on a worker thread, and only after all earlier pieces were sent, so a slow client costs no more memory than one piece.
/// With HTTP/1.1 the pieces are sent as chunks (RFC 9112 7.1); with HTTP/1.0 the connection closes after the body.
public struct ByteStream: Sendable {
    /// Returns the next piece, ideally about 50 KB; nil at the end. If it throws, the connection is closed, so that the client sees that
    /// the response is incomplete.
    public let next: @Sendable () throws -> [UInt8]?

    /// A body that `next` produces.
    public init(_ next: @escaping @Sendable () throws -> [UInt8]?) { self.next = next }

    /// The result of one call of `next`.
    enum Step: Sendable {
        case piece([UInt8])
        case end
        case failed(String)
    }

    func step() -> Step {
        do {
            while let piece = try next() {
                // An empty chunk would end the body.
                if !piece.isEmpty { return .piece(piece) }
            }
            return .end
        } catch {
            return .failed("\(error)")
        }
    }

    /// `100\r\n`, the head of a chunk (RFC 9112 7.1).
    static func chunkHead(_ count: Int) -> [UInt8] { Array((String(count, radix: 16) + "\r\n").utf8) }
    static let chunkEnd = Array("\r\n".utf8)
    static let lastChunk = Array("0\r\n\r\n".utf8)
    /// How long to wait before asking again when no worker was free.
    static let retryInterval = Duration.milliseconds(50)
}
