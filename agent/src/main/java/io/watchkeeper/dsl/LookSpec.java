package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import java.util.Set;

/** What the blocks of all checks of a server have in common: they come to a check with its limits. */
public abstract class LookSpec extends ReviewSpec {

    LookSpec() {}

    /** Databases that have to be asked, too. */
    Set<String> alsoAsked() {
        return Set.of();
    }

    /** @param asked the databases of {@link #alsoAsked}: a session of each, or why there is none */
    abstract Check check(Asked asked);
}
