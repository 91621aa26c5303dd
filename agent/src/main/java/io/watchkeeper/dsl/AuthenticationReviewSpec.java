package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.failover.AuthenticationReview;
import java.util.Set;

/** {@code authenticationReview('shore') { … }} */
@Block(
        name = "authenticationReview",
        value = "What of the findings is known and accepted.",
        words = {"accept"})
public final class AuthenticationReviewSpec {

    private final AcceptedFindings accepted = new AcceptedFindings(AuthenticationReview.CODES);

    AuthenticationReviewSpec() {}

    @Word(
            value =
                    "Kinds of findings that count as ok: `hbaError`, `trust`, `localTrust`, `plaintextPassword`, `md5`, `ident`, `noTls`,"
                            + " `anyAddress`, `ssl`, `oldTls`, `passwordEncryption`, `md5Passwords`, `unencryptedNow`, `unreadable`.",
            example = "accept 'localTrust'",
            byDefault = "none")
    public void accept(@Checked(TextKind.NAME) String... codes) {
        accepted.add(codes);
    }

    Set<String> accepted() {
        return accepted.codes();
    }
}
