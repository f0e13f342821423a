// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Net
import Synchronization

/// Why a server could not start.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where it was to listen.
    public let endpoint: Endpoint
    /// The option that says so.
    public let option: String
    /// What the kernel said.
    public let error: Errno

    /// What happened and what to do, in one line.
    public var description: String {
        switch error {
        case .addressInUse: "HTTP port \(endpoint.port) is in use. Choose another with \(option)."
        case .addressNotAvailable: "\(endpoint.address) is not an address of this machine. Choose another with \(option)."
        case .permissionDenied: "Port \(endpoint.port) needs a right that this process lacks. Choose one above 1023 with \(option)."
        default: "HTTP cannot listen at \(endpoint): \(error)."
        }
    }
}

/// An HTTP/1.1 server: one event loop for all sockets and a few workers for the handlers, so that a slow or idle client
/// costs memory and never a thread. It serves from its making until `stop`.
public final class Server: Sendable {
    /// Where a server listens, and its bounds.
    public struct Configuration: Sendable {
        /// Port 0 takes a free one; `[::]` takes IPv4 too.
        public var endpoint: Endpoint
        /// What a request may be.
        public var limits = Limits()
        /// How long things may take.
        public var timeouts = Timeouts()
        /// How many there may be of each.
        public var capacity = Capacity()
        /// Whose X-Forwarded-For and X-Forwarded-Proto are believed.
        public var trustedProxies: [IPPrefix] = []
        /// With it the server speaks HTTPS and nothing else.
        public var certificate: ServerCertificate?
        /// Threads that run handlers.
        public var workerCount = 4
        /// How far all threads of the server step back for others: 0 is not at all, 19 the furthest.
        public var nice: Int32 = 0

        /// What to change when the server cannot listen there, for the error.
        public var option: String

        /// The usual bounds at `endpoint`.
        public init(endpoint: Endpoint, option: String = "--http") {
            self.endpoint = endpoint
            self.option = option
        }
    }

    /// Where it listens, with the port that the kernel chose.
    public let endpoint: Endpoint
    private let mailbox: Mailbox
    private let service: Service
    private let loop: Thread

    /// Listens and serves. Throws when the address cannot be had or the process is out of descriptors or threads.
    public init(_ configuration: Configuration, application: Application, logger: Logger) throws(ServerError) {
        do throws(Errno) {
            let service = Service(
                application: application, limits: configuration.limits, timeouts: configuration.timeouts,
                proxies: configuration.trustedProxies, capacity: configuration.capacity)
            self.service = service
            let listener = try TCPListener(configuration.endpoint)
            endpoint = listener.endpoint
            let mailbox = try Mailbox()
            self.mailbox = mailbox
            let sockets = HandOver(try EventLoop.Sockets(listener: listener, mailbox: mailbox))
            let capacity = configuration.capacity
            let nice = configuration.nice
            let workers = try WorkerPool(
                count: configuration.workerCount, nice: nice, queueCapacity: capacity.queuedRequests, service: service, mailbox: mailbox)
            var secure: EventLoop.Secure?
            do throws(Errno) {
                if let certificate = configuration.certificate {
                    secure = EventLoop.Secure(certificate: certificate, handshakes: try HandshakeThread(nice: nice, mailbox: mailbox))
                }
                loop = try Thread(name: "http", nice: nice) { [secure] in
                    guard let sockets = sockets.take() else { return }
                    EventLoop(
                        sockets: sockets, service: service, capacity: capacity, workers: workers, secure: secure, mailbox: mailbox,
                        logger: logger
                    ).run()
                }
            } catch {
                workers.stop()
                secure?.handshakes.stop()
                throw error
            }
        } catch {
            throw ServerError(endpoint: configuration.endpoint, option: configuration.option, error: error)
        }
    }

    /// Stops taking connections, ends idle ones and event streams, lets requests in hand finish within `Timeouts.stop`,
    /// and returns when all is over. Further calls wait for the same end.
    public func stop() {
        mailbox.send(.stop)
        loop.join()
    }

    /// Bytes of answers that wait for their clients to take them, those in the kernel excepted.
    public var queuedByteCount: Int { service.queued.count }

    /// Ends all event streams of `key`, as at a logout.
    public func endEvents(key: String) { mailbox.send(.endEvents(key: key)) }
}

/// Brings what cannot be copied into the closure of a thread.
private final class HandOver: Sendable {
    private let slot: Mutex<EventLoop.Sockets?>

    init(_ sockets: consuming sending EventLoop.Sockets) { slot = Mutex(consume sockets) }

    func take() -> EventLoop.Sockets? { slot.withLock { $0.take() } }
}
