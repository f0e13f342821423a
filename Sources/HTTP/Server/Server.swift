// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Net
import Synchronization

/// Why a server could not start.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where it should have listened.
    public let endpoint: Endpoint
    /// The command-line option that sets the endpoint.
    public let option: String
    /// The error of the kernel.
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

/// An HTTP/1.1 server: one event loop for all sockets and a few workers for the handlers, so that a slow or idle client costs memory but
/// never a thread. It serves from its creation until `stop`.
public final class Server: Sendable {
    /// A server's endpoint and limits.
    public struct Configuration: Sendable {
        /// Port 0 chooses a free one; `[::]` accepts IPv4 too.
        public var endpoint: Endpoint
        /// Limits on the size of a request.
        public var limits = Limits()
        /// Time limits.
        public var timeouts = Timeouts()
        /// Limits on connections, streams and requests at once.
        public var capacity = Capacity()
        /// The proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted.
        public var trustedProxies: [IPPrefix] = []
        /// Whether connections of these proxies begin with a PROXY header (`ProxyHeader`). Then they must.
        public var expectsProxyHeader = false
        /// If set, the server speaks only HTTPS.
        public var certificate: ServerCertificate?
        /// The number of threads that run handlers.
        public var workerCount = 4
        /// The nice value of all threads of the server: 0 is normal priority, 19 the lowest.
        public var nice: Int32 = 0

        /// The option to name in the error when the server cannot listen.
        public var option: String

        /// The default limits at `endpoint`.
        public init(endpoint: Endpoint, option: String = "--http") {
            self.endpoint = endpoint
            self.option = option
        }
    }

    /// Where it listens, with the actual port.
    public let endpoint: Endpoint
    private let mailbox: Mailbox
    private let service: Service
    private let loop: Thread

    /// Listens and serves. Throws when the address is unavailable or the process is out of descriptors or threads.
    public init(_ configuration: Configuration, application: Application, logger: Logger) throws(ServerError) {
        do throws(Errno) {
            let service = Service(
                application: application, limits: configuration.limits, timeouts: configuration.timeouts,
                proxies: configuration.trustedProxies, expectsProxyHeader: configuration.expectsProxyHeader, capacity: configuration.capacity)
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

    /// Stops accepting connections, closes idle ones and event streams, gives requests in progress `Timeouts.stop` to finish, and then
    /// returns. Further calls wait for the same end.
    public func stop() {
        mailbox.send(.stop)
        loop.join()
    }

    /// Bytes of responses that wait for their clients, without those in the kernel.
    public var queuedByteCount: Int { service.queued.count }

    /// Ends all event streams of `key`, as after signing out.
    public func endEvents(key: String) { mailbox.send(.endEvents(key: key)) }
}

/// Carries what cannot be copied into the closure of a thread.
private final class HandOver: Sendable {
    private let slot: Mutex<EventLoop.Sockets?>

    init(_ sockets: consuming sending EventLoop.Sockets) { slot = Mutex(consume sockets) }

    func take() -> EventLoop.Sockets? { slot.withLock { $0.take() } }
}
