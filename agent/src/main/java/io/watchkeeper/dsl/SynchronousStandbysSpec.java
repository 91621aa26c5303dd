package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.failover.SynchronousNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code synchronousStandbys('shore') { … }} */
@Block(
        name = "synchronousStandbys",
        value = "Which standbys a commit waits for. Without `set` it is only looked at.",
        words = {"set", "any", "first", "within"})
public final class SynchronousStandbysSpec {

    private static final Duration WITHIN = Duration.ofSeconds(10);

    private final TextChecks texts;
    private @Nullable SynchronousNames wanted;
    private Duration within = WITHIN;

    SynchronousStandbysSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value =
                    "What synchronous_standby_names is to be. Only standbys that stream right now may be named; a commit is tried"
                            + " afterwards, and the setting is put back when it does not get through.",
            example = "set any(1, 'ship_7', 'ship_8')",
            byDefault = "as it is")
    public void set(SynchronousNames names) {
        wanted = names;
    }

    @Choice(of = "set", value = "Commits wait for no standby.")
    public SynchronousNames getNone() {
        return SynchronousNames.NONE;
    }

    @Word(
            value = "For set: a commit waits for so many of these standbys, whichever answer first.",
            example = "set any(1, 'ship_7', 'ship_8')")
    public SynchronousNames any(int count, @Checked(TextKind.NAME) String... standbys) {
        return SynchronousNames.any(count, names(standbys));
    }

    @Word(
            value =
                    "For set: a commit waits for so many of these standbys, those named first where they are connected.",
            example = "set first(1, 'ship_7', 'ship_8')")
    public SynchronousNames first(int count, @Checked(TextKind.NAME) String... standbys) {
        return SynchronousNames.first(count, names(standbys));
    }

    @Word(value = "How long the commit that is tried may take.", example = "within 5.seconds", byDefault = "10.seconds")
    public void within(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new OperatorException("'within' leaves the commit no time", "give a time, as 10.seconds.");
        }
        within = limit;
    }

    private List<String> names(String... standbys) {
        List<String> names = new ArrayList<>();
        for (String standby : standbys) {
            names.add(texts.require(TextKind.NAME, standby));
        }
        return names;
    }

    Optional<SynchronousNames> wanted() {
        return Optional.ofNullable(wanted);
    }

    Duration within() {
        return within;
    }
}
