// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Net
import Synchronization

/// Why a server could not start.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where it should have listened.
    public let address: ListenAddress
    /// The command-line option that sets the address.
    public let option: String
    /// The error of the kernel.
    public let error: Errno

    /// What happened and what to do, in one line.
    public var description: String {
        switch (address, error) {
        case (.tcp(let endpoint), .addressInUse): "HTTP port \(endpoint.port) is in use. Choose another with \(option)."
        case (.tcp(let endpoint), .addressNotAvailable): "\(endpoint.address) is not an address of this machine. Choose another with \(option)."
        case (.tcp(let endpoint), .permissionDenied):
            "Port \(endpoint.port) needs a right that this process lacks. Choose one above 1023 with \(option)."
        case (.unix(let path), .addressInUse): "\(path) is in use by another process, or is not a socket. Choose another path with \(option)."
        case (.unix(let path), .noSuchFile): "The folder of \(path) does not exist. Create it, or choose another path with \(option)."
        case (.unix(let path), .permissionDenied):
            "This process may not create \(path). Make its user the owner of the folder, or choose another path with \(option)."
        default: "HTTP cannot listen at \(address): \(error)."
        }
    }
}

/// An HTTP/1.1 server: one event loop for all sockets and a few workers for the handlers, so that a slow or idle client costs memory but
/// never a thread. It serves from its creation until `stop`.
public final class Server: Sendable {
    /// A server's address and limits.
    public struct Configuration: Sendable {
        /// Port 0 chooses a free one; `[::]` accepts IPv4 too.
        public var address: ListenAddress
        /// Limits on the size of a request.
        public var limits = Limits()
        /// Time limits.
        public var timeouts = Timeouts()
        /// Limits on connections, streams and requests at once.
        public var capacity = Capacity()
        /// The proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted. Clients of a unix socket always are.
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

        /// The default limits at `address`.
        public init(_ address: ListenAddress, option: String = "--http") {
            self.address = address
            self.option = option
        }
    }

    /// Where it listens, with the actual port.
    public let address: ListenAddress
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
            let listener = try Listener(configuration.address)
            address = listener.address
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
            throw ServerError(address: configuration.address, option: configuration.option, error: error)
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
