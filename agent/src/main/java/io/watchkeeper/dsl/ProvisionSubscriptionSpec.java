package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.stream.SubscriptionPlan;
import org.jspecify.annotations.Nullable;

/** {@code provisionSubscription('ship') { … }} */
@Block(
        name = "provisionSubscription",
        value = "What a database subscribes to.",
        needs = {"from", "publication", "name"},
        words = {"from", "publication", "name", "handover", "handBack", "sourceAddress", "onError"})
public final class ProvisionSubscriptionSpec {

    private final TextChecks texts;
    private @Nullable String from;
    private @Nullable String publication;
    private @Nullable String name;
    private @Nullable String sourceAddress;
    private boolean handover;
    private boolean handBack;
    private OnApplyError onError = OnApplyError.DISABLE;

    ProvisionSubscriptionSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(value = "The database that publishes.", example = "from 'shore'")
    public void from(@Checked(TextKind.DATABASE) String database) {
        from = texts.require(TextKind.DATABASE, database);
    }

    @Word(value = "The publication there; `provisionPublication` makes it.", example = "publication 'fleet'")
    public void publication(@Checked(TextKind.NAME) String what) {
        publication = texts.require(TextKind.NAME, what);
    }

    @Word(value = "The subscription's name.", example = "name 'fleet_ship'")
    public void name(@Checked(TextKind.NAME) String subscription) {
        name = texts.require(TextKind.NAME, subscription);
    }

    @Word(
            value =
                    "Whether tables that have rows already are brought up to date by a last round of polling, from which the stream"
                            + " goes on without a copy and without a gap. Without it the tables must be empty, and the server copies them.",
            example = "handover true",
            byDefault = "false")
    public void handover(boolean yes) {
        handover = yes;
    }

    @Word(
            value =
                    "Whether the stream is ended instead: the subscription and its slot are dropped, and polling goes on from where"
                            + " it ended. Nothing happens when there is none.",
            example = "handBack true",
            byDefault = "false")
    public void handBack(boolean yes) {
        handBack = yes;
    }

    @Word(
            value = "Where the subscriber's server finds the publisher's: `'host:port'`, or the folder of its socket.",
            example = "sourceAddress '10.9.0.2:5432'",
            byDefault = "the address in the configuration")
    public void sourceAddress(String address) {
        sourceAddress = address;
    }

    @Word(
            value =
                    "What happens when a change cannot be applied, because a row that is there already is in its way, for example.",
            example = "onError retry",
            byDefault = "disable")
    public void onError(OnApplyError what) {
        onError = what;
    }

    @Choice(
            of = "onError",
            value =
                    "The subscription stops and the run fails, so that somebody looks; the server's log names the row. Needs"
                            + " PostgreSQL 15 aboard; older ones try again for ever.")
    public OnApplyError getDisable() {
        return OnApplyError.DISABLE;
    }

    @Choice(
            of = "onError",
            value = "It is tried again until it can be applied; the log that waits grows at the source meanwhile.")
    public OnApplyError getRetry() {
        return OnApplyError.RETRY;
    }

    String source() {
        return required("from", from);
    }

    boolean endsStream() {
        return handBack;
    }

    SubscriptionPlan plan(String target) {
        if (source().equals(target)) {
            throw new OperatorException(
                    "'provisionSubscription' would subscribe '" + target + "' to itself",
                    "name another database with from.");
        }
        if (handover && handBack) {
            throw new OperatorException("'handover' begins a stream and 'handBack' ends it", "keep one of them.");
        }
        return new SubscriptionPlan(
                required("name", name),
                required("publication", publication),
                handover,
                sourceAddress,
                onError == OnApplyError.RETRY);
    }

    private static String required(String word, @Nullable String value) {
        if (value == null) {
            throw new OperatorException(
                    "'provisionSubscription' needs '" + word + "'",
                    "provisionSubscription('ship') { from 'shore'; publication 'fleet'; name 'fleet_ship' }");
        }
        return value;
    }
}
