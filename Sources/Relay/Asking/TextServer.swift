// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// Answers text requests over a unix socket, in a thread of its own. A request ends with an empty line or the end of the stream. A client
/// may send several; they are answered in order (WG-U-3, WG-U-11).
///
/// No client can block the others: each has `patience` for one request and for reading part of an answer, a request has a maximum length,
/// and a new client replaces the one that was silent for the longest time.
public final class TextServer: Sendable {
    /// The maximum number of clients; `wg` opens one connection and closes it again.
    static let connectionLimit = 16
    /// The maximum length of a request in bytes: room for the settings of 10,000 peers, as `wg setconf` sends them.
    static let requestLimit = 4 << 20
    static let patience: Duration = .seconds(10)

    private let wake: EventDescriptor
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<Linux.Thread?>(nil)
    private let listener = Mutex<ListenerBox?>(nil)
    private let answer: @Sendable ([UInt8]) -> [UInt8]?

    /// Listens at `path`; only the owner may connect. `answer` gets a request without its empty line; if it returns nil, the connection is
    /// closed.
    /// Throws `.addressInUse` when another process listens there, and the errors of bind(2).
    public init(path: String, name: String, answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) throws(Errno) {
        self.answer = answer
        wake = try EventDescriptor()
        let box = ListenerBox(try UnixListener(path: path))
        listener.withLock { $0 = box }
        let thread = try Linux.Thread(name: name) { [self] in try? run(box.listener) }
        self.thread.withLock { $0 = thread }
    }

    /// Whether new clients still reach this server at its path. False after the socket file was deleted or replaced.
    public var isThere: Bool { listener.withLock { $0?.listener.isThere ?? false } }

    /// Closes all connections and removes the socket file.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
        thread.withLock { $0.take() }?.join()
        listener.withLock { $0 = nil }
    }

    private func run(_ listener: borrowing UnixListener) throws(Errno) {
        var poller = try Poller(capacity: 32)
        try poller.add(listener.descriptor, token: 0, for: .readable)
        try poller.add(wake.descriptor, token: 1, for: .readable)
        var connections: [UInt64: TextConnection] = [:]
        var nextToken: UInt64 = 2
        while !isStopping.load(ordering: .acquiring) {
            let count = try poller.wait(timeout: connections.isEmpty ? nil : .seconds(1))
            let now = Instant.now()
            for index in 0..<count {
                let token = poller[index].token
                if token == 0 {
                    // The process is out of descriptors. The client waits, and the pause keeps the loop from spinning.
                    guard let stream = try? listener.accept() else {
                        Linux.Thread.sleep(.milliseconds(10))
                        continue
                    }
                    if connections.count == Self.connectionLimit, let oldest = connections.min(by: { $0.value.deadline < $1.value.deadline })?.key {
                        connections[oldest] = nil
                    }
                    let connection = TextConnection(stream, deadline: now + Self.patience)
                    guard (try? poller.add(connection.stream.descriptor, token: nextToken, for: .readable)) != nil else { continue }
                    connections[nextToken] = connection
                    nextToken += 1
                } else if let connection = connections[token] {
                    let isAlive = connection.proceed(now: now, answer: answer)
                    let interest: Poller.Interest = connection.hasOutput ? .writable : .readable
                    if !isAlive || (try? poller.modify(connection.stream.descriptor, token: token, for: interest)) == nil { connections[token] = nil }
                }
            }
            for (token, connection) in connections where connection.deadline <= now { connections[token] = nil }
        }
    }
}

/// Hands the listener over to its thread.
private final class ListenerBox: Sendable {
    let listener: UnixListener
    init(_ listener: consuming UnixListener) { self.listener = listener }
}

/// One client. Used only by the server's thread.
private final class TextConnection {
    let stream: SocketStream
    private(set) var deadline: Instant
    private var input: [UInt8] = []
    /// The end of the first request is not before this byte.
    private var searchedTo = 0
    private var output: [UInt8] = []
    private var sent = 0
    private var hasEnded = false

    init(_ stream: consuming SocketStream, deadline: Instant) {
        self.stream = stream
        self.deadline = deadline
    }

    var hasOutput: Bool { sent < output.count }

    /// Reads, answers and writes as much as possible; false when the connection is finished.
    func proceed(now: Instant, answer: ([UInt8]) -> [UInt8]?) -> Bool {
        do {
            if !hasOutput { try read() }
            while true {
                try write(now: now)
                if hasOutput { return true }
                guard let request = nextRequest() else { return !hasEnded && input.count <= TextServer.requestLimit }
                guard let reply = answer(request) else { return false }
                output = reply
                sent = 0
                deadline = now + TextServer.patience
            }
        } catch {
            return false
        }
    }

    /// Reads one buffer per turn, so that other clients get their turns.
    private func read() throws(Errno) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        switch try stream.read(into: &buffer) {
        case .bytes(let count): input += buffer[..<count]
        case .end: hasEnded = true
        case .wouldBlock: break
        }
    }

    private func write(now: Instant) throws(Errno) {
        while hasOutput {
            // A span cannot refer to a class's property.
            let bytes = output
            let result = try stream.write(bytes.span.extracting(sent..<bytes.count))
            guard case .bytes(let count) = result else { return }
            sent += count
            deadline = now + TextServer.patience
        }
        output = []
        sent = 0
    }

    /// The lines before the next empty line. Lines at the end of the stream form a request too.
    private func nextRequest() -> [UInt8]? {
        let newline = UInt8(ascii: "\n")
        while searchedTo < input.count {
            let isEmptyLine = input[searchedTo] == newline && (searchedTo == 0 || input[searchedTo - 1] == newline)
            searchedTo += 1
            guard isEmptyLine else { continue }
            defer {
                input.removeFirst(searchedTo)
                searchedTo = 0
            }
            return Array(input[..<(searchedTo - 1)])
        }
        guard hasEnded, !input.isEmpty else { return nil }
        defer { input = [] }
        return input
    }
}
