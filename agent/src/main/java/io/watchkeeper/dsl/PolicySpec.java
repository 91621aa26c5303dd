package io.watchkeeper.dsl;

import io.watchkeeper.runbook.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code policy { … }} */
@Block(
        name = "policy",
        value = "How a runbook runs.",
        words = {"timeout", "retry", "overlap", "lock", "scope"})
public final class PolicySpec extends BlockSpec {

    private static final int MOST_ATTEMPTS = 100;

    private final List<String> locks = new ArrayList<>();
    private Duration timeout = Policy.DEFAULT.timeout();
    private int attempts = Policy.DEFAULT.attempts();
    private Duration backOff = Policy.DEFAULT.backOff();
    private Policy.Overlap overlap = Policy.DEFAULT.overlap();
    private Policy.Scope scope = Policy.DEFAULT.scope();

    PolicySpec(Declarations declarations) {
        super(declarations, "policy");
    }

    @Word(
            value = "How long the whole run may take, retries and waiting for locks included.",
            example = "timeout 30.minutes",
            byDefault = "1.hour")
    public void timeout(Duration limit) {
        once("timeout");
        timeout = positive("timeout", limit, timeout);
    }

    @Word(
            value =
                    "How often a step is tried in all when it fails for a reason that may pass (a lost connection, a deadlock, a "
                            + "server starting up), and how long it waits before the second attempt; the wait doubles from then on.",
            example = "retry 3, 30.seconds",
            byDefault = "1, 10.seconds")
    public void retry(int times, Duration firstBackOff) {
        retry(times);
        backOff = positive("retry", firstBackOff, backOff);
    }

    public void retry(int times) {
        once("retry");
        if (times < 1 || times > MOST_ATTEMPTS) {
            declarations().problem("'retry' takes 1 to " + MOST_ATTEMPTS + " attempts, not " + times, null);
            return;
        }
        attempts = times;
    }

    @Word(
            value = "What happens to a run whose runbook is already running.",
            example = "overlap queue",
            byDefault = "skip")
    public void overlap(Policy.Overlap what) {
        once("overlap");
        overlap = what;
    }

    @Word(
            value =
                    "Runs that hold the same lock never overlap on this host, whichever runbooks they are of. May be given several "
                            + "times.",
            example = "lock 'table-io'",
            byDefault = "no lock")
    public void lock(@Checked(TextKind.NAME) String name) {
        if (locks.contains(name)) {
            declarations().problem("lock '" + name + "' is named twice", "keep one of them.");
            return;
        }
        locks.add(name);
    }

    @Word(
            value =
                    "On which agents its schedule runs it: on every host that loads it, or on exactly one agent of the cluster that "
                            + "`cluster: { database: … }` of the configuration makes of them.",
            example = "scope host",
            byDefault = "host")
    public void scope(Policy.Scope where) {
        once("scope");
        scope = where;
        if (where == Policy.Scope.CLUSTER && !declarations().toolbox().cluster()) {
            declarations()
                    .problem(
                            "'scope cluster' needs a cluster job store, and none is configured",
                            "name the database that the agents share, in the configuration of each of them:"
                                    + " cluster: { database: shore }. Or use 'scope host' and let 'role' choose one host.");
        }
    }

    @Choice(of = "overlap", value = "The new run is skipped and recorded.")
    public Policy.Overlap getSkip() {
        return Policy.Overlap.SKIP;
    }

    @Choice(of = "overlap", value = "The new run waits for the old one to end.")
    public Policy.Overlap getQueue() {
        return Policy.Overlap.QUEUE;
    }

    @Choice(of = "overlap", value = "The old run is cancelled, then the new one starts.")
    public Policy.Overlap getReplace() {
        return Policy.Overlap.REPLACE;
    }

    @Choice(of = "scope", value = "On every host that loads the runbook.")
    public Policy.Scope getHost() {
        return Policy.Scope.HOST;
    }

    @Choice(
            of = "scope",
            value =
                    "On exactly one agent of the cluster; another one takes over when that dies. Refused where no cluster is configured.")
    public Policy.Scope getCluster() {
        return Policy.Scope.CLUSTER;
    }

    Policy build() {
        return new Policy(timeout, attempts, backOff, overlap, locks, scope);
    }
}
