// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// The body of an answer that is made while it is sent, for what grows with data: a source that is asked, never one that pushes.
///
/// `next` is called on a worker thread, and only after everything before it has left for the client, so that a slow client costs no more
/// memory than one piece. With HTTP/1.1 the pieces go out as chunks (RFC 9112 7.1); for HTTP/1.0 the connection ends with the body.
public struct ByteStream: Sendable {
    /// The next piece, best some 50 KB; nil at the end. An error ends the connection, so that the client sees that the answer is not whole.
    public let next: @Sendable () throws -> [UInt8]?

    /// A body that `next` makes.
    public init(_ next: @escaping @Sendable () throws -> [UInt8]?) { self.next = next }

    /// What came of one question.
    enum Step: Sendable {
        case piece([UInt8])
        case end
        case failed(String)
    }

    func step() -> Step {
        do {
            while let piece = try next() {
                // An empty chunk would be the end.
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
    /// After which a source is asked that no worker had time for.
    static let retryInterval = Duration.milliseconds(50)
}
