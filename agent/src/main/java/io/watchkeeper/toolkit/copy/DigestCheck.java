package io.watchkeeper.toolkit.copy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Counts and hashes the rows on both servers at once, and says what it means when the results differ. */
public final class DigestCheck {

    private final Session source;
    private final Session target;
    private final PreparedCopy copy;

    public DigestCheck(Session source, Session target, PreparedCopy copy) {
        this.source = source;
        this.target = target;
        this.copy = copy;
    }

    /** What both sides have. */
    public record Outcome(Digest here, Digest there) {
        public boolean isMatch() {
            return here.equals(there);
        }
    }

    public Outcome compare() throws SQLException {
        return compare(CopySql.targetDigest(copy));
    }

    /** @param targetDigest the statement that reads the target's {@link Digest} */
    public Outcome compare(String targetDigest) throws SQLException {
        return compare(targetDigest, TargetQuestions.NONE);
    }

    /** @param more what the target is asked in the same round trip */
    public Outcome compare(String targetDigest, TargetQuestions more) throws SQLException {
        return compare(CopySql.sourceDigest(copy), targetDigest, more);
    }

    public Outcome compare(String sourceDigest, String targetDigest, TargetQuestions more) throws SQLException {
        SourceReading<Digest> reading = SourceReading.digest(source, sourceDigest);
        Digest there;
        try {
            there = more.askWithDigest(target, targetDigest);
        } catch (SQLException | RuntimeException e) {
            reading.abandon();
            throw e;
        }
        return new Outcome(reading.await(), there);
    }

    /** @param consequence what became of the target, for example {@code the target was left as it was} */
    public OperatorException mismatch(Outcome outcome, String consequence) {
        long here = outcome.here.rows();
        long there = outcome.there.rows();
        String difference = here == there
                ? "both have " + here + " rows, and their contents differ"
                : "'" + source.database().name() + "' has " + here + " rows and '"
                        + target.database().name() + "' got " + there;
        List<String> suspects = new ArrayList<>();
        copy.columns().stream()
                .filter(column -> column.fit().way() == TypeFit.Way.VERIFIED_TEXT)
                .forEach(column -> suspects.add(
                        "column " + column.name() + " is " + column.fit().reason()));
        if (!copy.target().triggers().isEmpty() && copy.triggersToDisable().isEmpty()) {
            suspects.add("triggers of the target change or drop rows");
        }
        suspects.add("someone else wrote to the target meanwhile");
        return new OperatorException(
                copy.target().name() + " does not match after copying: " + difference + "; " + consequence,
                "possible reasons: " + String.join("; ", suspects) + ".");
    }
}
