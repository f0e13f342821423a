// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Synchronization

/// Answers requests of text lines over a unix socket, in a thread of its own. A request ends with an empty line, or with the end of what the
/// client sends; several may follow each other and are answered in order (WG-U-3, WG-U-11).
///
/// Nobody can hold the others up: a client has `patience` for each request and for taking some of each answer, a request has a greatest
/// length, and a new client takes the place of the one that has been silent for longest.
public final class TextServer: Sendable {
    /// Clients at a time; `wg` makes one connection and ends it.
    static let connectionLimit = 16
    /// Settings of 10,000 peers, as `wg setconf` sends them.
    static let requestLimit = 4 << 20
    static let patience: Duration = .seconds(10)

    private let wake: EventDescriptor
    private let isStopping = Atomic<Bool>(false)
    private let thread = Mutex<Linux.Thread?>(nil)
    private let listener = Mutex<ListenerBox?>(nil)
    private let answer: @Sendable ([UInt8]) -> [UInt8]?

    /// Listens at `path`, for the owner alone. `answer` gets a request without its empty line; nil closes the connection.
    /// Throws `.addressInUse` when a living process listens there, and what binding throws. bind(2)
    public init(path: String, name: String, answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) throws(Errno) {
        self.answer = answer
        wake = try EventDescriptor()
        let box = ListenerBox(try UnixListener(path: path))
        listener.withLock { $0 = box }
        let thread = try Linux.Thread(name: name) { [self] in try? run(box.listener) }
        self.thread.withLock { $0 = thread }
    }

    /// Whether a new client would find this server at its path: false after the socket was deleted, or replaced by another's.
    public var isThere: Bool { listener.withLock { $0?.listener.isThere ?? false } }

    /// Ends all connections and removes the socket.
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
                    // Out of descriptors: the client waits, and the pause keeps the loop from spinning.
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

/// Carries the listener into its thread.
private final class ListenerBox: Sendable {
    let listener: UnixListener
    init(_ listener: consuming UnixListener) { self.listener = listener }
}

/// One client. Only the server's thread touches it.
private final class TextConnection {
    let stream: UnixStream
    private(set) var deadline: Instant
    private var input: [UInt8] = []
    /// No request ends before this byte.
    private var searchedTo = 0
    private var output: [UInt8] = []
    private var sent = 0
    private var hasEnded = false

    init(_ stream: consuming UnixStream, deadline: Instant) {
        self.stream = stream
        self.deadline = deadline
    }

    var hasOutput: Bool { sent < output.count }

    /// Takes what came, answers, and sends what goes; false when the connection is over.
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

    /// One buffer a turn, so that others get theirs.
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
            // A span cannot be of a class's property.
            let bytes = output
            let result = try stream.write(bytes.span.extracting(sent..<bytes.count))
            guard case .bytes(let count) = result else { return }
            sent += count
            deadline = now + TextServer.patience
        }
        output = []
        sent = 0
    }

    /// The lines before the next empty one. What stands before the end of the stream is a request too.
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
