package io.watchkeeper.dsl;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.toolkit.check.Check;
import java.util.List;
import java.util.Set;

/** What the blocks of all checks of a server have in common: they come to a check with its limits. */
public abstract class LookSpec extends ReviewSpec {

    LookSpec() {}

    /** Databases that have to be asked, too. */
    Set<String> alsoAsked() {
        return Set.of();
    }

    /** @param asked a session of each database of {@link #alsoAsked} */
    abstract Check check(List<Session> asked);
}
