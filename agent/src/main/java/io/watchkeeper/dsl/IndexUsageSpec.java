package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.IndexUsageCheck;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/** {@code indexUsage('shore') { … }} */
@Block(
        name = "indexUsage",
        value = "Which indexes are worth a word, and who else uses them.",
        words = {"alsoAsk", "least", "over", "reportOnly"})
public final class IndexUsageSpec extends LookSpec {

    private final TextChecks texts;
    private final Set<String> standbys = new LinkedHashSet<>();
    private Bytes least = IndexUsageCheck.USUAL.least();
    private Duration over = IndexUsageCheck.USUAL.over();

    IndexUsageSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "Standbys of the server, where an index may be used that is not used on it.",
            example = "alsoAsk 'ship'",
            byDefault = "none")
    public void alsoAsk(@Checked(TextKind.DATABASE) String... databases) {
        for (String database : databases) {
            standbys.add(texts.require(TextKind.DATABASE, database));
        }
    }

    @Word(value = "Smaller indexes are not named.", example = "least 8.megabytes", byDefault = "1.megabytes")
    public void least(Bytes size) {
        least = size;
    }

    @Word(
            value = "For how long it must be known that nobody used an index.",
            example = "over 30.days",
            byDefault = "14.days")
    public void over(Duration time) {
        over = time;
    }

    @Override
    Set<String> alsoAsked() {
        return standbys;
    }

    @Override
    Check check(Asked asked) {
        return new IndexUsageCheck(least, over, asked);
    }
}
