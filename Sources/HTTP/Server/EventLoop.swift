// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Logging
import Net
import TLS
import Words

/// The thread that owns all sockets: it polls them, moves bytes, and asks each `Connection` what to do next.
final class EventLoop {
    /// The descriptors that the loop needs before it can run.
    struct Sockets: ~Copyable {
        let poller: Poller
        let listener: Listener
        let spare: Descriptor

        init(listener: consuming Listener, mailbox: Mailbox) throws(Errno) {
            let poller = try Poller()
            let spare = try Descriptor.spare()
            try listener.register(with: poller, token: Token.listener)
            try poller.add(mailbox.wake.descriptor, token: Token.mailbox, for: [.readable, .edge])
            self.poller = poller
            self.spare = spare
            self.listener = listener
        }
    }

    enum Token {
        static let listener: UInt64 = 0
        static let mailbox: UInt64 = 1
        static let firstClient: UInt64 = 2
    }

    /// What the server needs for HTTPS.
    struct Secure {
        let certificate: ServerCertificate
        let handshakes: HandshakeThread
    }

    private let service: Service
    private let capacity: Capacity
    private let workers: WorkerPool
    private let secure: Secure?
    private let mailbox: Mailbox
    private let logger: Logger
    private var poller: Poller
    private var acceptor: Acceptor
    private var clients: [UInt64: Client] = [:]
    private var nextToken = Token.firstClient
    /// Not later than the earliest deadline of all clients.
    private var nextSweep = Instant(nanoseconds: .max)
    private var clock = TickClock()
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var stopDeadline: Instant?
    private var quickRoutes = QuickRoutes()
    /// Clients whose responses are delayed until others have read theirs, and when to check them again.
    private var held: Set<UInt64> = []
    private var heldUntil = Instant(nanoseconds: 0)
    /// One line in the log is enough for a proxy that is set up wrongly.
    private var hasToldProxyFault = false

    private static let holdInterval = Duration.milliseconds(50)

    init(
        sockets: consuming Sockets, service: Service, capacity: Capacity, workers: WorkerPool, secure: Secure?, mailbox: Mailbox,
        logger: Logger
    ) {
        self.service = service
        self.capacity = capacity
        self.workers = workers
        self.secure = secure
        self.mailbox = mailbox
        self.logger = logger
        poller = sockets.poller
        acceptor = Acceptor(listener: sockets.listener, spare: sockets.spare)
    }

    /// Serves until it is told to stop and the last request is done.
    func run() {
        while !isDone {
            let count: Int
            do {
                count = try poller.wait(timeout: timeout())
            } catch {
                logger.critical("HTTP cannot wait for its sockets and stops: \(error)")
                break
            }
            let tick = clock.tick()
            for index in 0..<count {
                let event = poller[index]
                switch event.token {
                case Token.listener: accept(tick)
                case Token.mailbox: takeMessages(tick)
                default: handle(event, tick)
                }
            }
            if acceptor.isResting, acceptor.wakes <= tick.now { acceptor.resume(poller) }
            if nextSweep <= tick.now { sweep(tick) }
            if !held.isEmpty, !service.queued.isFull || heldUntil <= tick.now { release(tick) }
        }
        let isStuck = !clients.isEmpty
        clients.removeAll()
        secure?.handshakes.stop()
        if isStuck { workers.abandon() } else { workers.stop() }
    }

    private var isDone: Bool {
        guard let stopDeadline else { return false }
        return clients.isEmpty || clock.tick().now >= stopDeadline
    }

    private func timeout() -> Duration? {
        var next = nextSweep
        if acceptor.isResting { next = min(next, acceptor.wakes) }
        if !held.isEmpty { next = min(next, heldUntil) }
        if let stopDeadline { next = min(next, stopDeadline) }
        return next.nanoseconds == .max ? nil : max(.zero, next - Instant.now())
    }

    // MARK: Connections

    private func accept(_ tick: Tick) {
        // Limits accepted connections per turn, so that a flood of them cannot starve existing ones.
        for turn in 0..<64 {
            switch acceptor.accept() {
            case .none: return
            case .stream(let stream): admit(stream, tick)
            case .exhausted(let error):
                // The poller may report a connection that is already gone. Do not close a new client for that; the poller will report
                // again.
                if turn > 0 { return }
                if evict(capacity.leaver(among: places)) { continue }
                acceptor.rest(poller, now: tick.now)
                logger.warning("HTTP cannot accept connections for a moment: \(error)")
                return
            }
        }
    }

    /// Accepts a connection, closing another one if the limits require it. Without room, its only response is 503.
    private func admit(_ stream: consuming SocketStream, _ tick: Tick) {
        let source = stream.peer.map { Capacity.source($0.address) }
        let ofSource = stream.peer.map { isFree($0.address) } ?? true ? 0 : clients.values.count { $0.connection.source == source }
        let known = clients.values.count(where: \.connection.isKnown)
        let hasRoom =
            switch capacity.room(connections: clients.count, known: known, ofSource: ofSource) {
            case .free: true
            case .afterSlowest: evict(capacity.leaver(among: places))
            case .afterSlowestOfSource: evict(source.flatMap { capacity.leaver(among: places, of: $0) })
            }
        var layer: SecureLayer?
        if let secure {
            // Without room, a TLS client gets no response: the handshake costs more than the response.
            guard hasRoom, let made = SecureLayer(secure.certificate.context) else { return }
            layer = made
        }
        let client = Client(ByteChannel(stream, secure: layer), token: nextToken, service: service, now: tick.now)
        do {
            try client.channel.register(with: poller, token: client.token, for: client.interest)
        } catch {
            return
        }
        nextToken += 1
        clients[client.token] = client
        if !hasRoom { client.connection.refuse(.busy("Too many connections. Try again in a few seconds.", retryAfter: 5), tick) }
        drive(client, tick)
    }

    /// True for addresses that may stand for many clients.
    private func isFree(_ address: IPAddress) -> Bool { address.isLoopback || service.proxies.contains(address) }

    private var places: [Capacity.Place] { clients.values.map(\.place) }

    /// Closes a connection to make room; false when there is none to close.
    private func evict(_ token: UInt64?) -> Bool {
        guard let client = token.flatMap({ clients[$0] }) else { return false }
        // Discards what a slow reader has not read yet, so that it does not stay in the kernel.
        if client.connection.isIdle { client.channel.end() } else { client.channel.resetOnClose() }
        clients[client.token] = nil
        return true
    }

    /// A proxy named another client, so the limit per source applies to that one.
    private func sourceChanged(_ client: Client) {
        let source = client.connection.source
        guard !isFree(source), clients.values.count(where: { $0.connection.source == source }) > capacity.connectionsPerAddress else { return }
        _ = evict(capacity.leaver(among: places.filter { $0.token != client.token }, of: source))
    }

    private func handle(_ event: Poller.Event, _ tick: Tick) {
        // A client that was closed in this turn may still have an event.
        guard let client = clients[event.token] else { return }
        if event.isBroken {
            clients[client.token] = nil
            return
        }
        if event.isWritable, !flush(client) { return }
        if event.isReadable, client.wants.contains(.readable) { read(client, tick) }
        // The poller reports a state again and again, so unregister the states that nothing waits for.
        if !client.wants.isSuperset(of: event.states) { want(client, client.wants) }
        if event.isReadable || event.isWritable { drive(client, tick) }
    }

    private func read(_ client: Client, _ tick: Tick) {
        do {
            guard try takeProxyHeader(client) else { return }
            switch try client.channel.read(into: &buffer) {
            case .handshake: shakeHands(client)
            case .plain(.bytes(let count)):
                // A second reference, not a copy: a span cannot refer to a class's property.
                let bytes = buffer
                let source = client.connection.source
                client.connection.receive(bytes.span.extracting(0..<count), tick)
                if client.connection.source != source { sourceChanged(client) }
            case .plain(.end): client.connection.peerEnded()
            case .plain(.wouldBlock): break
            }
        } catch {
            // TLS has queued an alert with the reason.
            _ = flush(client)
            clients[client.token] = nil
        }
    }

    /// Reads the header that a proxy sends first. False while it is incomplete, and if there is none; then the connection is closed.
    private func takeProxyHeader(_ client: Client) throws(Errno) -> Bool {
        while var bytes = client.proxyHeader {
            switch ProxyHeader.read(bytes) {
            case .needs(let count):
                switch try client.channel.readPlain(into: &buffer, atMost: count) {
                case .bytes(let count):
                    bytes += buffer[..<count]
                    client.proxyHeader = bytes
                case .wouldBlock: return false
                case .end:
                    clients[client.token] = nil
                    return false
                }
            case .complete(let header):
                client.proxyHeader = nil
                client.connection.take(header)
                sourceChanged(client)
            case .invalid:
                if !hasToldProxyFault {
                    hasToldProxyFault = true
                    logger.warning("a trusted proxy sent no PROXY header; turn it on there, or leave out --proxy-protocol: \(client.connection.peer)")
                }
                clients[client.token] = nil
                return false
            }
        }
        return true
    }

    /// False when the peer is gone.
    private func flush(_ client: Client) -> Bool {
        do {
            try client.channel.flush()
            return true
        } catch {
            clients[client.token] = nil
            return false
        }
    }

    /// Passes the handshake to its thread, which replies with a message.
    private func shakeHands(_ client: Client) {
        guard let secure, let layer = client.channel.secure, secure.handshakes.submit(layer, token: client.token) else {
            clients[client.token] = nil
            return
        }
        client.isShakingHands = true
    }

    private func handshakeWent(_ progress: TLSSession.Handshake, _ client: Client, _ tick: Tick) {
        client.isShakingHands = false
        if progress == .plainHTTP { client.channel.secure?.answerInPlain(service.answerToPlainHTTP(tick)) }
        guard flush(client) else { return }
        switch progress {
        case .unfinished: break
        case .done: read(client, tick)
        case .failed, .plainHTTP: clients[client.token] = nil
        }
        drive(client, tick)
    }

    /// Performs the connection's actions until it must wait.
    private func drive(_ client: Client, _ tick: Tick) {
        while clients[client.token] != nil {
            if client.connection.isAboutToQueue, mustWait(client) {
                if held.isEmpty { heldUntil = tick.now + Self.holdInterval }
                held.insert(client.token)
                return wait(client, [])
            }
            switch client.connection.next(tick) {
            case .read:
                return wait(client, .readable)
            case .wait:
                return wait(client, [])
            case .write:
                guard write(client, tick) else { return }
            case .run(let request):
                run(request, client, tick)
            case .ask(let source):
                if !workers.submit(.step(token: client.token, source)) { client.connection.advance(.idle, tick) }
            case .admit(let request):
                if !workers.submit(.admission(token: client.token, request)) {
                    client.connection.refuse(.busy("The server is busy. Try again in a few seconds."), tick)
                }
            case .pull(let source):
                if !workers.submit(.piece(token: client.token, source)) { client.connection.postpone(tick) }
            case .shutdownWriting:
                client.channel.shutdownWriting()
            case .close:
                client.channel.end()
                clients[client.token] = nil
            case .reset:
                client.channel.resetOnClose()
                clients[client.token] = nil
            }
        }
    }

    /// Answers a request of a quick route at once, and passes any other one to a worker.
    private func run(_ request: Request, _ client: Client, _ tick: Tick) {
        let route = service.application.quickRoute(request)
        if let route, quickRoutes.contains(route) {
            let start = ProcessorTime.ofThread()
            let response = service.application.answer(to: request)
            quickRoutes.note(route, took: ProcessorTime.ofThread() - start)
            client.connection.answer(admitted(response), tick)
        } else if !workers.submit(
            .request(token: client.token, request, route: route, isPatient: !client.wasDeferred || hasOthersWaiting(client)))
        {
            let busy = HTTPError.busy("The server is busy. Try again in a few seconds.")
            client.connection.answer(service.application.answer(to: busy, request: request, id: request.id), tick)
        }
    }

    /// True while too many bytes wait for slow clients and some of them belong to this client's source. A source without waiting bytes is
    /// always served, one request at a time.
    private func mustWait(_ client: Client) -> Bool {
        service.queued.isFull && hasOthersWaiting(client)
    }

    /// Whether other connections of the client's source have a response that waits to be sent, or one in the making, which soon will.
    private func hasOthersWaiting(_ client: Client) -> Bool {
        clients.values.contains {
            $0.token != client.token && $0.connection.source == client.connection.source
                && ($0.connection.queuedByteCount > 0 || $0.connection.isBeingAnswered)
        }
    }

    private func release(_ tick: Tick) {
        let waiting = held
        held = []
        for token in waiting {
            if let client = clients[token] { drive(client, tick) }
        }
    }

    /// False when there is nothing more to do for now.
    private func write(_ client: Client, _ tick: Tick) -> Bool {
        do {
            let wrote = try client.connection.write(now: tick.now) { first, second throws(Errno) in
                try client.channel.write(first, second)
            }
            if wrote { return true }
            wait(client, .writable)
        } catch {
            // The peer is gone, so no response is possible.
            clients[client.token] = nil
        }
        return false
    }

    private func wait(_ client: Client, _ wanted: Poller.Interest) {
        let interest = client.isShakingHands ? [] : client.channel.hasOutput ? .writable : wanted
        client.wants = interest
        // Extra registered interest costs nothing until it triggers, and most requests never change it.
        if !client.interest.isSuperset(of: interest) { want(client, interest) }
        if let deadline = client.connection.deadline(isCrowded: isCrowded) { nextSweep = min(nextSweep, deadline) }
    }

    private func want(_ client: Client, _ interest: Poller.Interest) {
        guard client.interest != interest else { return }
        client.interest = interest
        do {
            try client.channel.change(poller, token: client.token, to: interest)
        } catch {
            clients[client.token] = nil
        }
    }

    // MARK: Time and messages

    private var isCrowded: Bool { clients.count * 4 > capacity.connections * 3 }

    /// Checks every client. This is cheaper than keeping their ever-changing deadlines sorted.
    private func sweep(_ tick: Tick) {
        nextSweep = Instant(nanoseconds: .max)
        for client in Array(clients.values) {
            guard let deadline = client.connection.deadline(isCrowded: isCrowded) else { continue }
            if deadline <= tick.now {
                client.connection.expire(tick)
                drive(client, tick)
            } else {
                nextSweep = min(nextSweep, deadline)
            }
        }
    }

    private func takeMessages(_ tick: Tick) {
        for message in mailbox.take() {
            switch message {
            case .answer(let token, let response, let route, let duration):
                if let route { quickRoutes.note(route, took: duration) }
                let client = clients[token]
                client?.wasDeferred = false
                client?.connection.answer(admitted(response), tick)
                // Only now, so that no worker sees less than what waits, and starts a response too many.
                service.queued.add(-response.bodyByteCount)
                if let client { drive(client, tick) }
            case .admission(let token, let admission):
                guard let client = clients[token] else { continue }
                client.connection.admitBody(admission, tick)
                drive(client, tick)
            case .deferred(let token, let request):
                guard let client = clients[token] else { continue }
                client.wasDeferred = true
                client.connection.takeBack(request)
                drive(client, tick)
            case .step(let token, let step):
                guard let client = clients[token] else { continue }
                client.connection.advance(step, tick)
                drive(client, tick)
            case .piece(let token, let step):
                if case .failed(let reason) = step { logger.warning("a response was cut short", metadata: ["error": "\(reason)"]) }
                guard let client = clients[token] else { continue }
                client.connection.deliver(step, tick)
                drive(client, tick)
            case .handshake(let token, let progress):
                guard let client = clients[token] else { continue }
                handshakeWent(progress, client, tick)
            case .endEvents(let key):
                for client in Array(clients.values) where client.connection.eventSource?.key == key {
                    client.connection.endEvents(tick)
                    drive(client, tick)
                }
            case .stop:
                stop(tick)
            }
        }
    }

    /// The response, or 503 when there is no room for its event stream.
    private func admitted(_ response: Response) -> Response {
        guard case .events(let source) = response.body else { return response }
        let others = clients.values.compactMap(\.connection.eventSource)
        if others.count < capacity.eventStreams, others.count(where: { $0.key == source.key }) < capacity.eventStreamsPerKey,
            others.count(where: { $0.owner == source.owner }) < capacity.eventStreamsPerOwner
        {
            return response
        }
        return service.application.answer(
            to: .busy("Too many event streams. Close some of the open pages.", retryAfter: 5), id: service.nextRequestID())
    }

    private func stop(_ tick: Tick) {
        guard stopDeadline == nil else { return }
        stopDeadline = tick.now + service.timeouts.stop
        acceptor.close()
        for client in Array(clients.values) {
            client.connection.stop(tick)
            drive(client, tick)
        }
    }
}
