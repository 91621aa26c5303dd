package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import io.watchkeeper.toolkit.failover.AuthenticationReview;
import java.util.LinkedHashSet;
import java.util.Set;

/** {@code authenticationReview('shore') { … }} */
@Block(
        name = "authenticationReview",
        value = "What of the findings is known and accepted.",
        words = {"accept"})
public final class AuthenticationReviewSpec {

    private final Set<String> accepted = new LinkedHashSet<>();

    AuthenticationReviewSpec() {}

    @Word(
            value =
                    "Kinds of findings that count as ok: `hbaError`, `trust`, `localTrust`, `plaintextPassword`, `md5`, `ident`, `noTls`,"
                            + " `anyAddress`, `ssl`, `oldTls`, `passwordEncryption`, `md5Passwords`, `unencryptedNow`, `unreadable`.",
            example = "accept 'localTrust'",
            byDefault = "none")
    public void accept(@Checked(TextKind.NAME) String... codes) {
        for (String code : codes) {
            if (!AuthenticationReview.CODES.contains(code)) {
                throw new OperatorException(
                        "'accept' names '" + code + "', which is no kind of finding",
                        Suggestion.didYouMean(code, AuthenticationReview.CODES) + "Kinds: "
                                + String.join(
                                        ", ",
                                        AuthenticationReview.CODES.stream()
                                                .sorted()
                                                .toList()) + ".");
            }
            accepted.add(code);
        }
    }

    Set<String> accepted() {
        return accepted;
    }
}
