package io.watchkeeper.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.watchkeeper.access.AccessToken;
import io.watchkeeper.access.Network;
import io.watchkeeper.access.Scope;
import io.watchkeeper.config.AgentConfig;
import io.watchkeeper.problem.OperatorException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what. Reading is free on loopback only; changing something always needs a token or a client certificate.
 * What counts is the address the agent listens on, not the one a request comes from: behind a proxy on the same host every
 * request comes from loopback.
 */
final class Access {

    /** Where style and script of the page are. */
    static final String ASSETS = "/page/";

    /** Where signing in to the page is asked for. */
    static final String SESSION = "/v1/session";

    private static final String CLIENT_CERTIFICATE = "jakarta.servlet.request.X509Certificate";
    private static final String SHOWN = AccessToken.class.getName();

    /** The certificates that what is answered rests on, from the connection and from the page's session: {@code X509Certificate[]}. */
    private static final String CONNECTED_BY = Access.class.getName() + ".connected";

    private static final String SIGNED_IN_BY = Access.class.getName() + ".signedIn";

    /** When the session that what is answered rests on ends: {@code Instant}. */
    private static final String SIGNED_IN_UNTIL = Access.class.getName() + ".until";

    private static final String SCHEME = "Bearer ";
    private static final Set<HandlerType> READING = Set.of(HandlerType.GET, HandlerType.HEAD, HandlerType.OPTIONS);

    /** What probes ask many times a minute, and what says nothing but that it answers. */
    private static final Set<String> LIVE = Set.of("/health", "/health/live");

    private static final Pattern RUN = Pattern.compile("/v1/runs/[^/]+/?");
    private static final Pattern APPROVALS = Pattern.compile("/v1/runs/[^/]+/approvals/?");
    private static final Pattern ADMINISTRATION = Pattern.compile("/v1/meta/(tenant|migrate)(/.*)?");

    private final AgentConfig.Http settings;
    private final Tokens tokens;
    private final PageSessions sessions;
    private final Lockout lockout;
    private final RateLimit rate;
    private final CallRecord record;
    private final Clock clock;
    private final OurNames names;
    private final Supplier<Revocations> revocations;

    /** @param revocations of client certificates, as they are now. @param nanos as {@link System#nanoTime} */
    Access(
            AgentConfig.Http settings,
            OurNames names,
            Supplier<Revocations> revocations,
            CallRecord record,
            Clock clock,
            LongSupplier nanos) {
        this.settings = settings;
        this.tokens = new Tokens(settings, nanos);
        this.sessions = new PageSessions(clock);
        this.lockout = new Lockout(nanos);
        this.rate = new RateLimit(settings.bounds().rateLimit(), System::nanoTime);
        this.record = record;
        this.clock = clock;
        this.names = names;
        this.revocations = revocations;
    }

    /**
     * Lets the request through, or not.
     *
     * @throws ApiException when it may not go on
     */
    void check(Context ctx) {
        requirePatience(ctx);
        names.requireOurName(ctx);
        requireNotRevoked(ctx);
        if (isReading(ctx)) {
            reader(ctx).noteIn(ctx);
            return;
        }
        OurNames.requireOurPage(ctx);
        Caller caller = holder(ctx);
        caller.noteIn(ctx);
        caller.require(scopeFor(ctx.path()));
    }

    /**
     * Puts a change that was let through on the record. Only what leads somewhere: addresses that nothing is at would be a way to
     * fill it.
     *
     * @throws OperatorException when it must be on the record and cannot be
     */
    void note(Context ctx) {
        if (isReading(ctx)) {
            return;
        }
        Caller caller = Caller.of(ctx);
        if (isSession(ctx.path())) {
            record.signedIn(ctx, caller);
        } else if (ctx.method().equals(HandlerType.DELETE)
                && RUN.matcher(ctx.path()).matches()) {
            record.cancelling(ctx, caller);
        } else {
            record.admitted(ctx, caller);
        }
    }

    /**
     * Tells at any time whether the token, the certificates and the session that a request was let through with are still good: an event
     * stream may last longer than they do. The request itself is not asked again.
     */
    BooleanSupplier staysGood(Context ctx) {
        AccessToken token = ctx.attribute(SHOWN);
        Instant end = ctx.attribute(SIGNED_IN_UNTIL);
        X509Certificate[] connectedBy = ctx.attribute(CONNECTED_BY);
        X509Certificate[] signedInBy = ctx.attribute(SIGNED_IN_BY);
        return () -> (token == null || isGood(token))
                && (end == null || end.isAfter(clock.instant()))
                && isGood(connectedBy)
                && isGood(signedInBy);
    }

    /** Not taken back, and not over: of the handshake nobody looks at that again. */
    private boolean isGood(X509Certificate @Nullable [] certificates) {
        if (certificates == null || certificates.length == 0) {
            return true;
        }
        Instant now = clock.instant();
        return !certificates[0].getNotAfter().toInstant().isBefore(now)
                && revocations.get().why(certificates, now).isEmpty();
    }

    private boolean isGood(AccessToken token) {
        return tokens.has(token) && !token.isExpired(clock.instant());
    }

    /**
     * Begins a session for a request that has shown a token or a certificate.
     *
     * @throws ApiException when there is neither any more: the token may have been taken back since the request was let through
     */
    void beginSession(Context ctx) {
        AccessToken token = presented(ctx).flatMap(tokens::find).orElse(null);
        X509Certificate[] certificates = ctx.attribute(CLIENT_CERTIFICATE);
        if (token == null && (certificates == null || certificates.length == 0)) {
            throw unauthorized(
                    "the token is not one of this agent's any more",
                    "Bearer realm=\"watchkeeper\", error=\"invalid_token\"");
        }
        sessions.begin(ctx, token, certificates);
    }

    /** What a change takes. What is not known to need more takes {@link Scope#RUN}. */
    static Scope scopeFor(String path) {
        if (isSession(path)) {
            return Scope.READ;
        }
        if (APPROVALS.matcher(path).matches()) {
            return Scope.APPROVE;
        }
        return ADMINISTRATION.matcher(path).matches() ? Scope.ADMIN : Scope.RUN;
    }

    private static boolean isSession(String path) {
        return path.equals(SESSION) || path.equals(SESSION + "/");
    }

    private static boolean isReading(Context ctx) {
        return READING.contains(ctx.method());
    }

    private void requirePatience(Context ctx) {
        if (isReading(ctx) && LIVE.contains(ctx.path())) {
            return;
        }
        Duration wait = rate.take(ctx.ip());
        if (!wait.isZero()) {
            throw tooMany(
                    "more than " + settings.bounds().rateLimit() + " requests a second came from " + ctx.ip(),
                    "The limit is http.rateLimit in the configuration.",
                    wait);
        }
    }

    /** Also on connections that are open already, and for pages that a certificate signed in to. */
    private void requireNotRevoked(Context ctx) {
        X509Certificate[] shown = ctx.attribute(CLIENT_CERTIFICATE);
        if (shown == null) {
            return;
        }
        Optional<String> why = revocations.get().why(shown, clock.instant());
        if (why.isPresent()) {
            throw new ApiException(403, why.get(), "The lists are in http.tls.clientCrl.");
        }
        ctx.attribute(CONNECTED_BY, shown);
    }

    private Caller reader(Context ctx) {
        String path = ctx.path();
        boolean open = (names.areOfLoopback() && settings.readWithoutToken())
                || (settings.openMetrics() && path.equals("/metrics"))
                // Style and script of the sign-in page; they hold nothing about this host.
                || path.startsWith(ASSETS);
        return open || isSignedIn(ctx) ? new Caller("anybody", ctx.ip(), Set.of(Scope.READ)) : holder(ctx);
    }

    /** A session is good for as long as its token is, and where its token is. */
    private boolean isSignedIn(Context ctx) {
        PageSessions.Session session = sessions.of(ctx).orElse(null);
        if (session == null || !isGood(session, ctx)) {
            return false;
        }
        ctx.attribute(SIGNED_IN_UNTIL, session.end());
        return true;
    }

    private boolean isGood(PageSessions.Session session, Context ctx) {
        AccessToken token = session.token();
        if (token == null) {
            X509Certificate[] certificates = session.certificates();
            ctx.attribute(SIGNED_IN_BY, certificates);
            // A session that nothing stands for is none.
            return certificates != null && certificates.length > 0 && isGood(certificates);
        }
        ctx.attribute(SHOWN, token);
        return isGood(token) && isGoodFrom(token, ctx);
    }

    /** Of a client certificate or a token. */
    private Caller holder(Context ctx) {
        Optional<Caller> certified = ofCertificate(ctx);
        if (certified.isPresent()) {
            return certified.get();
        }
        if (settings.token() == null && settings.tokensFile() == null) {
            throw new ApiException(
                    403,
                    "this agent has no token, so it serves no call that needs one",
                    "Name a file with a token (openssl rand -hex 32), of mode 0600, as http.tokenFile in the configuration:"
                            + " commands on this host send it by themselves. Tokens with a name and a scope are in the file that"
                            + " http.tokensFile names: watchkeeper token new NAME --scope run.");
        }
        Optional<String> presented = presented(ctx);
        if (presented.isPresent()) {
            return ofToken(ctx, presented.get());
        }
        String other = ctx.header("Authorization");
        if (other != null) {
            throw wrongToken(ctx, AccessToken.digest(other), "the Authorization header holds no bearer token");
        }
        throw unauthorized("this call needs a token", "Bearer realm=\"watchkeeper\"");
    }

    /** Empty where there is none, or it says nothing about what its holder may do and a token may say more. */
    private Optional<Caller> ofCertificate(Context ctx) {
        X509Certificate[] certificates = ctx.attribute(CLIENT_CERTIFICATE);
        if (certificates == null || settings.tls() == null) {
            return Optional.empty();
        }
        X500Principal subject = certificates[0].getSubjectX500Principal();
        Map<X500Principal, Set<Scope>> clients = settings.tls().clients();
        String name = "certificate:" + subject.getName();
        if (clients == null) {
            return Optional.of(new Caller(name, ctx.ip(), Scope.all()));
        }
        Set<Scope> scopes = clients.get(subject);
        if (scopes == null) {
            if (presented(ctx).isPresent()) {
                return Optional.empty();
            }
            throw new ApiException(
                    403,
                    "the certificate of '" + subject.getName() + "' is not among those that may call",
                    "Add it to http.tls.clients in the configuration.");
        }
        return Optional.of(new Caller(name, ctx.ip(), scopes));
    }

    private static Optional<String> presented(Context ctx) {
        return Optional.ofNullable(ctx.header("Authorization"))
                .filter(header -> header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(header -> header.substring(SCHEME.length()).strip());
    }

    private Caller ofToken(Context ctx, String presented) {
        String digest = AccessToken.digest(presented);
        Duration locked = lockout.remaining(ctx.ip(), digest);
        if (!locked.isZero()) {
            // Also for a right one that is new from there: else the answer would tell which guess was right.
            throw tooMany(
                    "too many wrong tokens came from " + ctx.ip() + ", so no other one from there is looked at now",
                    "Other addresses are not concerned, nor tokens that were right from there before.",
                    locked);
        }
        AccessToken token = tokens.find(presented)
                .orElseThrow(() -> wrongToken(ctx, digest, "the token is not one of this agent's"));
        lockout.succeeded(ctx.ip(), digest);
        if (token.isExpired(clock.instant())) {
            throw unauthorized(
                    "the token " + token.name() + " has expired, " + token.expires(),
                    "Bearer realm=\"watchkeeper\", error=\"invalid_token\"");
        }
        if (!isGoodFrom(token, ctx)) {
            throw new ApiException(
                    403,
                    "the token " + token.name() + " is not good from " + ctx.ip(),
                    "Its networks are named in http.tokensFile.");
        }
        ctx.attribute(SHOWN, token);
        return new Caller(tokens.nameOf(token), ctx.ip(), token.scopes());
    }

    private static boolean isGoodFrom(AccessToken token, Context ctx) {
        return token.networks().isEmpty()
                || Network.address(ctx.ip()).filter(token::isGoodFrom).isPresent();
    }

    private ApiException wrongToken(Context ctx, String digest, String detail) {
        // While the file of tokens cannot be read, its holders would be locked out for what they are not to blame for.
        Duration pause = tokens.areUnreadable() ? Duration.ZERO : lockout.failed(ctx.ip(), digest);
        if (!pause.isZero()) {
            record.locked(ctx, pause);
        }
        return unauthorized(detail, "Bearer realm=\"watchkeeper\", error=\"invalid_token\"");
    }

    private static ApiException unauthorized(String detail, String challenge) {
        return new ApiException(
                401,
                detail,
                "Send 'Authorization: Bearer …' with a token that 'watchkeeper token new' made, or with the content of the"
                        + " file that http.tokenFile names. Commands send that one, or the one in the file that"
                        + " WATCHKEEPER_TOKEN_FILE names in the environment.",
                Map.of("WWW-Authenticate", challenge));
    }

    private static ApiException tooMany(String detail, String hint, Duration wait) {
        long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
        return new ApiException(429, detail, hint, Map.of("Retry-After", Long.toString(seconds)));
    }
}
