// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// A command's connection to the hub that serves the same data folder.
public struct HubClient: ~Copyable {
    private static let patience: Duration = .seconds(10)

    /// The lines of `key=value` in an answer.
    public struct Reply {
        /// The lines as received.
        public var lines: [Substring]

        /// The error for which the hub refused the request; nil when it did not.
        public var error: Errno? {
            let code = values(of: "errno").first.flatMap { Int32($0) } ?? Errno.protocolError.code
            return code == 0 ? nil : Errno(code)
        }

        /// The values of all lines with this key, in order.
        public func values(of key: String) -> [String] {
            lines.filter { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.utf8.count + 1)) }
        }
    }

    private let stream: SocketStream

    /// The hub's control socket in its data folder.
    public static func path(data: String) -> String { "\(data)/control.sock" }

    /// Throws `HubUnavailable` when no hub serves the folder.
    public init(data: String) throws {
        let path = Self.path(data: data)
        do { stream = try SocketStream(connectingTo: path) } catch {
            throw HubUnavailable("No hub answers at \(path): \(error). Start it with `hairpin serve`, or name its folder with --data.")
        }
    }

    /// Sends a request and waits for the complete answer. Throws `HubUnavailable` when there is none.
    public func ask(_ request: [String]) throws -> Reply {
        do {
            let bytes = Array((request.joined(separator: "\n") + "\n\n").utf8)
            guard case .bytes(bytes.count) = try stream.write(bytes.span) else { throw Errno.timedOut }
            var poller = try Poller(capacity: 1)
            try poller.add(stream.descriptor, token: 0, for: .readable)
            var answer: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while !answer.suffix(2).elementsEqual("\n\n".utf8) {
                guard try poller.wait(timeout: Self.patience) > 0 else { throw Errno.timedOut }
                switch try stream.read(into: &buffer) {
                case .bytes(let count): answer += buffer[..<count]
                case .end: throw Errno.connectionReset
                case .wouldBlock: break
                }
            }
            return Reply(lines: String(decoding: answer, as: UTF8.self).split(separator: "\n"))
        } catch let error as Errno {
            throw HubUnavailable("The hub did not answer: \(error).")
        }
    }
}

/// No hub answers, or it does not understand the request. The text says what to do.
public struct HubUnavailable: Error, CustomStringConvertible {
    /// A sentence for people.
    public let description: String

    init(_ description: String) { self.description = description }
}
