package io.watchkeeper.http;

import java.util.Locale;

/** What somebody may do over HTTP. */
enum Scope {
    /** Look at everything the page shows. */
    READ,
    /** Start, cancel, pause and resume what runbooks do. */
    RUN,
    /** Tenants and migrations. */
    ADMIN,
    /** Agree to what needs two people. */
    APPROVE;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
