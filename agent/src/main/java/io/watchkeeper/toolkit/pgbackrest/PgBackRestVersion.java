package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.problem.OperatorException;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which pgBackRest is installed, as {@code pgbackrest version} says. */
public record PgBackRestVersion(int major, int minor) implements Comparable<PgBackRestVersion> {

    /** The first whose {@code verify} says in words what it found; before, damage ended with exit status 0 and silence. */
    static final PgBackRestVersion REPORTS_DAMAGE = new PgBackRestVersion(2, 45);

    /** The first that backs up the changed blocks of a file alone ({@code repo1-block}). */
    public static final PgBackRestVersion BLOCK_INCREMENTAL = new PgBackRestVersion(2, 46);

    private static final Pattern SAID = Pattern.compile("pgBackRest (\\d{1,4})\\.(\\d{1,4}).*", Pattern.DOTALL);

    /** Reads {@code pgBackRest 2.45}. */
    static PgBackRestVersion parse(String said) {
        Matcher m = SAID.matcher(said.strip());
        if (!m.matches()) {
            throw new OperatorException("'" + said.strip() + "' is no version of pgBackRest", null);
        }
        return new PgBackRestVersion(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
    }

    public boolean atLeast(PgBackRestVersion other) {
        return compareTo(other) >= 0;
    }

    /** @throws OperatorException when this one is older */
    void require(PgBackRestVersion least, String forWhat) {
        if (!atLeast(least)) {
            throw new OperatorException(
                    forWhat + " needs pgBackRest " + least + " or newer; this host has " + this,
                    "install a newer one: the PostgreSQL project's own package archive has the newest.");
        }
    }

    @Override
    public int compareTo(PgBackRestVersion other) {
        return Comparator.comparingInt(PgBackRestVersion::major)
                .thenComparingInt(PgBackRestVersion::minor)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
