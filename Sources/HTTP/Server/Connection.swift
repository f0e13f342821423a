// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux
import Net
import Words

/// One connection as a value: it gets bytes, responses and the time, and returns one action after another. It uses no socket, so tests can
/// drive it with literal text.
///
/// It handles one request at a time. While a request is answered nothing is read: pipelined requests wait in the kernel and in `unread`,
/// and are answered in order.
struct Connection {
    /// What the owner of the socket must do next. After `read`, `wait` and `close` there is nothing else to do for now.
    enum Action {
        /// Wait for bytes and pass them to `receive`, or for the end and call `peerEnded`.
        case read
        /// Call `write`, and wait when there is no room.
        case write
        /// Pass the request to a worker, and its response to `answer`.
        case run(Request)
        /// Pass the stream to a worker, and its step to `advance`.
        case ask(EventStream)
        /// Pass the body's source to a worker, and its step to `deliver`.
        case pull(ByteStream)
        /// Let a worker decide whether this request may send its large body, and pass the result to `admitBody`.
        case admit(Request)
        /// Wait for a worker.
        case wait
        case shutdownWriting
        case close
        /// Close with a reset, because nobody would read the rest.
        case reset
    }

    private enum Phase {
        case reading
        /// The head of a request with a large body is complete.
        case asking(Request)
        case ready(Request)
        case answering
        case streaming(Streaming)
        case sending(Sending)
        /// The connection closes when the output is written.
        case finishing
        /// Reading on after we closed our side, until the peer closes too.
        case lingering(since: Instant, byteCount: Int)
        case closed
        case broken
    }

    private struct Streaming {
        let source: EventStream
        var isAsked = false
        var due: Instant
        var beatDue: Instant
    }

    /// A body that is produced while it is sent.
    private struct Sending {
        let source: ByteStream
        let isChunked: Bool
        let endsConnection: Bool
        var isAsked = false
        var due: Instant
    }

    private let service: Service
    let peer: Endpoint
    /// True if the other end is a trusted proxy.
    let isFromProxy: Bool
    private let isTLS: Bool
    /// What a proxy said before the first byte.
    private var proxyHeader = ProxyHeader()
    private var parser: RequestParser
    private var phase = Phase.reading
    private var output: OutputQueue
    /// Bytes that arrived after the current request and belong to later ones.
    private var unread: [UInt8] = []
    private var head: RequestHead?
    /// Held from the head of a request with a large body until its response.
    private var largeBody: LargeBodies.Room?
    private var requestCount = 0
    private var peerHasEnded = false
    private var isStopping = false
    /// When the current timer started: idling, a head, or a body.
    private var since: Instant
    private var lastProgress: Instant
    /// When the current output started to wait.
    private var outputSince: Instant
    /// The source that the connection counts for: its peer or, behind a trusted proxy, the forwarded client of the last request.
    private(set) var source: IPAddress
    /// Whether the application knew the sender of the last request. Behind a proxy, the next request may come from another client.
    private(set) var isKnown = false

    /// After this many requests a client must reconnect, which spreads the load after a change of addresses.
    static let maximumRequests = 10_000
    /// How many bytes are read and discarded after we closed our side. More than is usually in flight is not worth it.
    static let maximumLingerBytes = 1 << 20

    /// `peer` is nil over a unix socket. Its other end is always a trusted proxy, and counts as this host.
    init(service: Service, peer: Endpoint?, isTLS: Bool, now: Instant) {
        let endpoint = peer ?? Endpoint(address: .v4(.loopback), port: 0)
        self.service = service
        self.peer = endpoint
        isFromProxy = peer.map { service.proxies.contains($0.address) } ?? true
        self.isTLS = isTLS
        parser = RequestParser(limits: service.limits)
        output = OutputQueue(service.queued)
        since = now
        lastProgress = now
        outputSince = now
        source = Capacity.source(endpoint.address)
    }

    /// Takes the header of a trusted proxy, before anything else.
    mutating func take(_ header: ProxyHeader) {
        proxyHeader = header
        if let client = header.client { source = Capacity.source(client.address) }
    }

    // MARK: Input

    /// Takes bytes from the peer, after `read`.
    mutating func receive(_ bytes: Span<UInt8>, _ tick: Tick) {
        switch phase {
        case .reading:
            var position = 0
            parse(bytes, from: &position, tick)
            for index in position..<bytes.count { unread.append(bytes[index]) }
        case .lingering(let since, let byteCount):
            phase = byteCount + bytes.count > Self.maximumLingerBytes ? .closed : .lingering(since: since, byteCount: byteCount + bytes.count)
        case .asking, .ready, .answering, .streaming, .sending, .finishing, .closed, .broken:
            // Input during an event stream is ignored.
            break
        }
    }

    /// The peer closed its side. Requests that arrived before are still answered (half-close).
    mutating func peerEnded() {
        peerHasEnded = true
        switch phase {
        case .streaming, .lingering: phase = .closed
        case .reading, .asking, .ready, .answering, .sending, .finishing, .closed, .broken: break
        }
    }

    /// Takes a worker's decision about `admit`. Room for the body is taken only now, so that refused requests never hold it.
    mutating func admitBody(_ admission: Application.BodyAdmission, _ tick: Tick) {
        guard case .answering = phase, let head else { return }
        since = tick.now
        guard case .admitted(let sender) = admission else {
            (unread, self.head) = ([], nil)
            if case .refused(let refusal) = admission { send(refusal, isHead: head.method == .head, endsConnection: true, tick) }
            return
        }
        phase = .reading
        largeBody = service.largeBodies.take(limit: parser.bodyLimit, of: sender)
        if largeBody == nil { return refuse(.busy("Too many large requests at the moment. Try again in a few seconds.", retryAfter: 5), tick) }
        if unread.isEmpty, head.expectsContinue { queueContinue(tick) }
    }

    /// Takes back the request of `run`, which was not answered.
    mutating func takeBack(_ request: Request) {
        if case .answering = phase { phase = .ready(request) }
    }

    /// Takes the response to the request of `run`.
    mutating func answer(_ response: Response, _ tick: Tick) {
        guard case .answering = phase, let head else { return }
        requestCount += 1
        let ends = head.endsConnection || isStopping || requestCount >= Self.maximumRequests
        if response.knowsClient { isKnown = true }
        send(response, isHead: head.method == .head, endsConnection: ends, tick)
        self.head = nil
        largeBody = nil
    }

    /// Takes the result of the stream of `ask`.
    mutating func advance(_ step: EventStream.Step, _ tick: Tick) {
        guard case .streaming(var streaming) = phase else { return }
        streaming.isAsked = false
        streaming.due = tick.now + streaming.source.interval
        var part: [UInt8] = []
        switch step {
        case .event(let event): part = event.bytes
        case .idle: part = tick.now >= streaming.beatDue ? EventStream.beat : []
        case .end:
            phase = .finishing
            return
        }
        guard part.count <= EventStream.maximumQueuedBytes else {
            phase = .finishing
            return
        }
        if !part.isEmpty {
            streaming.beatDue = tick.now + EventStream.beatInterval
            queue(part, tick)
        }
        phase = .streaming(streaming)
    }

    /// Takes the result of the source of `pull`.
    mutating func deliver(_ step: ByteStream.Step, _ tick: Tick) {
        guard case .sending(var sending) = phase else { return }
        switch step {
        case .piece(let piece):
            if sending.isChunked { queue(ByteStream.chunkHead(piece.count), tick) }
            queue(piece, tick)
            if sending.isChunked { queue(ByteStream.chunkEnd, tick) }
            sending.isAsked = false
            phase = .sending(sending)
        case .end:
            if sending.isChunked { queue(ByteStream.lastChunk, tick) }
            phase = sending.endsConnection || isStopping ? .finishing : .reading
            since = tick.now
        case .failed:
            // Only a broken connection tells the client that data is missing.
            phase = .broken
        }
    }

    /// No worker was free for `pull`; the action is repeated a little later.
    mutating func postpone(_ tick: Tick) {
        guard case .sending(var sending) = phase else { return }
        (sending.isAsked, sending.due) = (false, tick.now + ByteStream.retryInterval)
        phase = .sending(sending)
    }

    /// Tries to write the waiting output. `write` returns the number of bytes taken (0 if earlier bytes are still in flight), or nil when
    /// there is no room. Returns false when it must wait.
    mutating func write<Failure: Error>(
        now: Instant, with write: (Span<UInt8>, Span<UInt8>) throws(Failure) -> Int?
    ) throws(Failure) -> Bool {
        guard try output.write(with: write) != nil else { return false }
        lastProgress = now
        if output.isEmpty, case .reading = phase, !parser.isInsideRequest { since = now }
        return true
    }

    /// The server stops: an idle connection closes now, another one after its response.
    mutating func stop(_ tick: Tick) {
        isStopping = true
        switch phase {
        case .reading where isIdle: phase = .closed
        case .streaming: endEvents(tick)
        default: break
        }
    }

    /// Ends an event stream, after telling the client when to reconnect.
    mutating func endEvents(_ tick: Tick) {
        guard case .streaming = phase else { return }
        queue(EventStream.retry, tick)
        phase = .finishing
    }

    // MARK: Output

    mutating func next(_ tick: Tick) -> Action {
        while true {
            if case .broken = phase { return .reset }
            if case .closed = phase { return .close }
            if !output.isEmpty { return .write }
            switch phase {
            case .reading:
                if !unread.isEmpty {
                    parseUnread(tick)
                    continue
                }
                // A request that was cut short is never answered, because its content is unknown.
                if peerHasEnded || isStopping && !parser.isInsideRequest { return .close }
                return .read
            case .asking(let request):
                phase = .answering
                return .admit(request)
            case .ready(let request):
                phase = .answering
                return .run(request)
            case .answering:
                return .wait
            case .streaming(var streaming):
                guard !streaming.isAsked, tick.now >= streaming.due else { return .read }
                streaming.isAsked = true
                phase = .streaming(streaming)
                return .ask(streaming.source)
            case .sending(var sending):
                guard !sending.isAsked, tick.now >= sending.due else { return .wait }
                sending.isAsked = true
                phase = .sending(sending)
                return .pull(sending.source)
            case .finishing:
                if peerHasEnded { return .close }
                phase = .lingering(since: tick.now, byteCount: 0)
                return .shutdownWriting
            case .lingering:
                return .read
            case .closed, .broken:
                continue
            }
        }
    }

    /// The running event stream; nil when there is none.
    var eventSource: EventStream? {
        if case .streaming(let streaming) = phase { streaming.source } else { nil }
    }

    /// The number of bytes that wait to be sent.
    var queuedByteCount: Int { output.count }

    /// True while a worker makes the response.
    var isBeingAnswered: Bool {
        if case .answering = phase { true } else { false }
    }

    /// True when `next` would start to produce more output, which the client might read too slowly.
    var isAboutToQueue: Bool {
        guard output.isEmpty else { return false }
        return switch phase {
        case .ready: true
        case .sending(let sending): !sending.isAsked
        default: false
        }
    }

    /// True when closing loses nothing: no request has begun, and no output waits.
    var isIdle: Bool {
        if case .reading = phase { output.isEmpty && unread.isEmpty && !parser.isInsideRequest } else { false }
    }

    /// How costly closing would be, for choosing which connection to close.
    var standing: Capacity.Standing {
        if isIdle { return .idle(since: since) }
        if !output.isEmpty { return .unfinished(since: outputSince) }
        switch phase {
        case .asking, .ready, .answering: return .inHand
        case .reading, .closed, .broken: return .unfinished(since: since)
        case .streaming, .sending, .finishing: return .unfinished(since: outputSince)
        case .lingering(let since, _): return .unfinished(since: since)
        }
    }

    // MARK: Time

    /// When to call `expire`; nil while a worker is running.
    func deadline(isCrowded: Bool) -> Instant? {
        let timeouts = service.timeouts
        if !output.isEmpty { return lastProgress + timeouts.writeStall }
        switch phase {
        case .reading:
            if parser.isInsideBody {
                let extra = Duration.seconds(expectedBodyCount / 10_240)
                return since + min(timeouts.bodyMaximum, timeouts.body + extra)
            }
            if parser.isInsideRequest || requestCount == 0 { return since + timeouts.head }
            return since + (isCrowded ? timeouts.idleWhenCrowded : timeouts.idle)
        case .streaming(let streaming): return streaming.isAsked ? nil : streaming.due
        case .sending(let sending): return sending.isAsked ? nil : sending.due
        case .lingering(let since, _): return since + timeouts.linger
        case .asking, .ready, .answering, .finishing, .closed, .broken: return nil
        }
    }

    /// Call when the deadline has passed.
    mutating func expire(_ tick: Tick) {
        if !output.isEmpty {
            phase = .broken
            return
        }
        switch phase {
        case .reading:
            if parser.isInsideRequest {
                refuse(HTTPError(.requestTimeout, "The request took too long to arrive."), tick)
            } else {
                // An idle connection gets no response: the client might take it for the response to its next request.
                phase = .closed
            }
        case .lingering: phase = .closed
        case .streaming, .sending, .asking, .ready, .answering, .finishing, .closed, .broken: break
        }
    }

    private var expectedBodyCount: Int {
        if case .length(let count)? = head?.framing { count } else { parser.bodyCount }
    }

    // MARK: Requests

    private mutating func parseUnread(_ tick: Tick) {
        let bytes = unread
        unread = []
        var position = 0
        parse(bytes.span, from: &position, tick)
        if position < bytes.count { unread = Array(bytes[position...]) }
    }

    /// Parses bytes until a request is complete or refused, or no bytes are left.
    private mutating func parse(_ bytes: Span<UInt8>, from position: inout Int, _ tick: Tick) {
        let wasInside = parser.isInsideRequest
        while let event = parser.parse(bytes, from: &position) {
            switch event {
            case .head(var head):
                head.target.enter(base: service.application.base())
                self.head = head
                since = tick.now
                if isFromProxy {
                    source = Capacity.source(origin(of: head).address)
                    isKnown = false
                }
                if let authority = head.authority, !service.application.acceptsHost(authority, head.target.path) {
                    return refuse(HTTPError(.misdirectedRequest, "This server does not serve this host. Use another address."), tick)
                }
                if let limit = service.application.bodyLimit(head.method, head.target.path) {
                    parser.bodyLimit = limit
                    if head.framing.mayExceed(service.limits.bodyBytes) {
                        phase = .asking(request(head, []))
                        return
                    }
                }
            case .end(let body):
                guard let head else { return }
                phase = .ready(request(head, body))
                return
            case .refused(let error):
                return refuse(error, tick)
            }
        }
        if !wasInside, parser.isInsideRequest, !parser.isInsideBody { since = tick.now }
        if parser.isInsideBody, parser.bodyCount == 0, head?.expectsContinue == true { queueContinue(tick) }
    }

    private func request(_ head: RequestHead, _ body: [UInt8]) -> Request {
        Request(id: service.nextRequestID(), head: head, body: body, peer: peer, origin: origin(of: head))
    }

    private func origin(of head: RequestHead) -> ClientOrigin {
        var origin = service.proxies.origin(of: peer.address, isProxy: isFromProxy, isTLS: isTLS || proxyHeader.isTLS, fields: head.fields)
        // The header names the other end of the proxy's own connection. The fields count only if that is a trusted proxy, too.
        if let client = proxyHeader.client {
            let isProxy = service.proxies.contains(client.address)
            origin.address = service.proxies.origin(of: client.address, isProxy: isProxy, isTLS: isTLS, fields: head.fields).address
        }
        return origin
    }

    /// Answers with an error and then closes the connection.
    mutating func refuse(_ error: HTTPError, _ tick: Tick) {
        unread = []
        let isHead = head?.method == .head
        var error = error
        if let head { error.path = head.target.rawPath }
        head = nil
        largeBody = nil
        send(service.application.answer(to: error, id: service.nextRequestID()), isHead: isHead, endsConnection: true, tick)
    }

    // MARK: Responses

    private mutating func send(_ response: Response, isHead: Bool, endsConnection: Bool, _ tick: Tick) {
        switch response.body {
        case .bytes(let body):
            let end = response.status.hasBody ? AnswerEnd.length(body.count) : .head
            queue(ResponseHead.bytes(of: response, date: tick.date, end: end, endsConnection: endsConnection), tick)
            if !isHead, response.status.hasBody { queue(body, tick) }
            phase = endsConnection ? .finishing : .reading
        case .stream(let source):
            let isChunked = head?.isHTTP10 == false
            let end = !response.status.hasBody ? AnswerEnd.head : isChunked ? .chunked : .close
            let endsConnection = endsConnection || !isChunked
            queue(ResponseHead.bytes(of: response, date: tick.date, end: end, endsConnection: endsConnection), tick)
            if isHead || !response.status.hasBody {
                phase = endsConnection ? .finishing : .reading
            } else {
                phase = .sending(Sending(source: source, isChunked: isChunked, endsConnection: endsConnection, due: tick.now))
            }
        case .events(let source):
            queue(ResponseHead.bytes(of: response, date: tick.date, end: .close, endsConnection: true), tick)
            if isHead || isStopping {
                phase = .finishing
            } else {
                queue(EventStream.retry, tick)
                phase = .streaming(Streaming(source: source, due: tick.now, beatDue: tick.now + EventStream.beatInterval))
            }
        }
    }

    /// Sent once per request, and only before any byte of the body has arrived (RFC 9110 10.1.1).
    private mutating func queueContinue(_ tick: Tick) {
        head?.expectsContinue = false
        queue(ResponseHead.goOn, tick)
    }

    private mutating func queue(_ part: [UInt8], _ tick: Tick) {
        if output.isEmpty { (lastProgress, outputSince) = (tick.now, tick.now) }
        output.append(part)
    }
}
